// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whole files in one piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "util/result.h"

/// All of a file, if it has at most `limit` bytes. The error is the reason alone: the caller says
/// what the file was wanted for.
Result<std::vector<std::uint8_t>> read_file(const std::string& name, std::size_t limit);
/// The same of an open file, which stays open and need not be a regular one.
Result<std::vector<std::uint8_t>> read_file(int fd, std::size_t limit);
