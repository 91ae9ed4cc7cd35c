#pragma once

#include <string>

namespace khuoi::node {

/// From here on, touching a page of a mapped file that is no longer there (the file was cut short, the disk cannot read
/// it) ends this process with a sentence that names the store in `data`, and the exit code of a failure, instead of a
/// bare SIGBUS. Nothing that was committed changes; the next start walks the store and says what it finds. Once, before
/// there are threads.
void tell_of_lost_pages(const std::string& data);

}  // namespace khuoi::node
