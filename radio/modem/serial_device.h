#pragma once

#include <string>

#include "sync/base/result.h"

namespace khuoi::radio {

/// Opens a serial port or a pty for this process alone: 115,200 bit/s, 8N1, raw, without flow control; reads and writes
/// do not block. Gives the descriptor. Errors: not_found, denied, busy (with who has it, where that can be seen),
/// unsupported (no serial port), io.
Result<int> open_serial(const std::string& path);

/// Lets it go for others: call it before the descriptor is closed. What was written has up to 100 ms to leave; what is
/// left then is dropped, for the kernel would let a close wait 30 s for a board that hangs.
void leave_serial(int descriptor);

}  // namespace khuoi::radio
