#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>

namespace khuoi::http {

/// Who is connected, so that nobody in the Wi-Fi takes every place. Strangers (nobody logged in, no phone's password,
/// not the box's own screen) share `strangers_max` places. When those are full, the address that holds most of them
/// gives up the one whose request has lasted longest: honest requests of strangers end in milliseconds. Known guests
/// have places of their own, and are never sent away for others, but for want of descriptors: end_an_upload(). Threads:
/// one.
class Guests final {
 public:
  static constexpr std::size_t strangers_max = 64;
  static constexpr std::size_t known_max = 64;
  /// Bodies that may lie in files: what of them is under way at once.
  static constexpr std::size_t uploads_max = 16;
  static constexpr std::size_t uploads_max_per_address = 4;
  using Instant = std::chrono::steady_clock::time_point;

  struct Guest {
    std::string address;
    Instant since;  ///< of the request under way, or of the wait for the next one
    std::function<void()> send_away;
    bool known = false;
    bool uploading = false;
    bool leaving = false;  ///< was sent away, and counts no longer
  };
  using Place = std::list<Guest>::iterator;

  /// A new connection, a stranger until its request says otherwise. Sends another one away when it must.
  Place enter(std::string address, Instant now, std::function<void()> send_away);
  void leave(Place guest) { guests_.erase(guest); }
  /// The next request of a connection begins, or the wait for it.
  static void begin(Guest& guest, Instant now);
  /// Whose request it turned out to be. Past `known_max` somebody known is served as a stranger is.
  void introduce(Guest& guest, bool known);
  /// Whether this guest may send a body that can be large now; if so it counts until begin().
  bool may_upload(Guest& guest);
  /// Sends one stranger away, never `spared`; false when there is none.
  bool make_room(const Guest* spared);
  /// Sends the known guest away whose upload has lasted longest: a socket and a file. For a newcomer who finds neither a
  /// descriptor nor a stranger; false when nobody known uploads.
  bool end_an_upload();
  [[nodiscard]] std::size_t strangers() const { return count(false); }

 private:
  static bool send_away(Guest* guest);
  [[nodiscard]] std::size_t count(bool known) const;
  std::list<Guest> guests_;
};

}  // namespace khuoi::http
