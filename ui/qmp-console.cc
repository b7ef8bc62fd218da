// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/ui.json that look at a display.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/fdset.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-ui.h"
#include "ui/console.h"
#include "util/unique-fd.h"

namespace qapi {

namespace {

Result<ui::Console*> console_of(Context& cx, const std::optional<std::string>& device,
                                std::optional<std::int64_t> head) {
    if (device) return ui::find_console(cx, *device, head.value_or(0));
    if (head) return fail("'head' must be specified together with 'device'");
    const auto* consoles = cx.find<ui::Consoles>();
    if (!consoles || consoles->all().empty())
        return fail("There is no console to take a screendump from");
    return consoles->all().front();
}

Result<void> write_file(const io::FdSets& descriptors, const std::string& name,
                        std::string_view bytes) {
    UniqueFd fd(descriptors.open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd) {
        const int error = errno;
        return fail("failed to open file '{}': {}", name, std::strerror(error));
    }
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, fmt::format("failed to write file '{}'", name));
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

}  // namespace

Result<void> qmp_screendump(Context& cx, const ScreendumpArgs& args) {
    ui::Console* console = TRY(console_of(cx, args.device, args.head));
    const ui::Image image = console->picture();
    return write_file(cx.get<io::FdSets>(), args.filename,
                      args.format == ImageFormat::png ? ui::png(image) : ui::ppm(image));
}

Result<HumanReadableText> qmp_x_query_screen(Context& cx, const XQueryScreenArgs& args) {
    ui::Console* console = TRY(console_of(cx, args.device, args.head));
    const ui::TextScreen text = console->text();
    if (text.empty())
        return fail("The display shows graphics, no characters")
            .with_hint("'screendump' writes a picture of it");
    return HumanReadableText{args.colors.value_or(false) ? text.colored() : text.plain()};
}

}  // namespace qapi
