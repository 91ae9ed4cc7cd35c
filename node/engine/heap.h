#pragma once

namespace khuoi::node {

/// For a process that does one thing and ends: what is freed stays with it for the next use, and comes from the system
/// in large pages where those are offered. A large file passes through dozens of buffers a megabyte: to hand each back
/// and ask for it anew costs more than to seal and to hash what lies in it. Call it before the first thread.
void keep_freed_memory();

/// For a service: the same with bounds, until it gives back what is free.
void keep_freed_memory_for_a_while();
void give_back_freed_memory();

}  // namespace khuoi::node
