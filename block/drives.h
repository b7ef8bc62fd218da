// SPDX-License-Identifier: GPL-2.0-or-later
//
// The block backends and nodes of one VM, by name. Found as a service by devices (`drive=`) and by
// the monitor. Under the big lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block/block-backend.h"

namespace io {
class FdSets;
}
namespace qapi {
class EventSink;
}

namespace block {

class Drives {
public:
    explicit Drives(std::unique_ptr<Executor>, qapi::EventSink* = nullptr,
                    const io::FdSets* = nullptr);
    Drives(const Drives&) = delete;
    ~Drives();

    Executor& executor() { return *executor_; }
    const io::FdSets* descriptors() const { return descriptors_; }
    /// Stops the VM for an I/O error (ErrorAction::Stop).
    void on_stop_request(std::function<void()> stop) { stop_vm_ = std::move(stop); }

    // ---- back ends
    /// A -drive's backend. Refuses a name that is taken.
    Result<BlockBackend*> add_backend(std::string name);
    /// One that has no name, for a device whose drive= is a node or that has none.
    BlockBackend& add_anonymous();
    void remove_backend(BlockBackend&);
    /// drive_del: takes the medium away from under whatever device has it. Or a node, by its name.
    Result<void> delete_drive(std::string_view name);
    /// drive_add: what makes a drive of options like those of -drive.
    void on_drive_options(std::function<Result<void>(std::string_view)> make) {
        make_drive_ = std::move(make);
    }
    Result<void> add_drive(std::string_view options);
    BlockBackend* find_backend(std::string_view name) const;
    /// By the id or path of its device.
    BlockBackend* find_by_device(std::string_view id_or_path) const;
    const std::vector<std::unique_ptr<BlockBackend>>& backends() const { return backends_; }
    /// For a device's `drive=`: a backend by name, else a backend of its own on that node.
    Result<BlockBackend*> for_device(std::string_view drive);

    // ---- nodes
    /// A name for a node that was given none.
    std::string make_node_name();
    /// May a new node have this name?
    Result<void> check_node_name(std::string_view) const;
    /// Known by its name as long as somebody uses it.
    void add_node(const NodeRef&);
    /// Until remove_node(): one of blockdev-add.
    void keep_node(NodeRef node) { kept_.push_back(std::move(node)); }
    Result<void> remove_node(std::string_view name);
    NodeRef find_node(std::string_view name) const;
    /// The newest first.
    std::vector<NodeRef> nodes() const;

    // ---- all of them
    /// No request is under way when it returns. Before saving, and when the VM stops.
    void drain_all();
    /// Makes what was written durable; the first error names the drive.
    Result<void> flush_all();
    /// Lets go of all images, so that another process may use them; the VM stands still.
    Result<void> inactivate_all();
    /// Takes them back. New images are as active as the others.
    Result<void> activate_all();
    bool active() const { return active_; }
    /// Before and after the first instruction of a VM that goes on.
    Result<void> before_start();
    void started();

private:
    void error_reported(BlockBackend&, ErrorAction, bool is_read, int error);
    void tray_moved(BlockBackend&, bool open);

    std::unique_ptr<Executor> executor_;
    qapi::EventSink* events_;
    const io::FdSets* descriptors_;
    std::function<void()> stop_vm_;
    std::function<Result<void>(std::string_view)> make_drive_;
    BlockBackend::Owner owner_;
    std::vector<std::weak_ptr<Node>> nodes_;
    std::vector<NodeRef> kept_;
    std::vector<std::unique_ptr<BlockBackend>> backends_;
    unsigned names_made_ = 0;
    bool active_ = true;
};

}  // namespace block
