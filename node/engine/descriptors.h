#pragma once

namespace khuoi::node {

/// How many descriptors are kept for the store, the loudspeaker and its programs, sticks and commands: whatever comes
/// over the network is refused before it takes one of these. A quarter of what the process may have, 32 to 128.
int descriptors_reserved();

/// Whether a descriptor that was just opened for somebody outside leaves the reserve alone. The kernel gives the lowest
/// number that is free, so a number tells how many are open at least.
bool leaves_reserve(int descriptor);

/// Sets the soft limit as high as the hard one allows, at most 4,096. Once, before there are threads.
void raise_descriptor_limit();

}  // namespace khuoi::node
