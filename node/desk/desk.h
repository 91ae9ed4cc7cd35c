#pragma once

#include <mutex>
#include <unordered_map>

#include "node/acts/desk_marks.h"
#include "node/counter/counter.h"

namespace khuoi::desk {

using http::Counter, http::Request, http::Response;

/// What the desk's routes share besides the counter's parts: the marks of dossiers, in memory. Threads: any.
class Desk final : public std::enable_shared_from_this<Desk> {
 public:
  /// Borrows the counter for its life; the counter's routes keep the desk.
  explicit Desk(Counter& counter) : counter_(counter) {}

  [[nodiscard]] Counter& counter() { return counter_; }
  [[nodiscard]] node::Engine& engine() { return counter_.engine(); }

  using Handler = Response (*)(Desk& desk, Request& request);
  void add(http::Route route, Handler handle);
  void add(http::Method method, std::string pattern, http::Access access, Handler handle, std::uint64_t octets_max = 0,
           http::Lane lane = http::Lane::quick);

  using Mark = node::DeskMark;
  /// Reads all marks once. Errors: the store's.
  Result<void> load_marks();
  [[nodiscard]] Mark mark_of(std::uint32_t number);
  /// By the dossier's number.
  class Marks final {
   public:
    [[nodiscard]] const Mark& of(std::uint32_t number) const {
      static const Mark none;
      const auto found = by_number_.find(number);
      return found == by_number_.end() ? none : found->second;
    }

   private:
    friend class Desk;
    std::unordered_map<std::uint32_t, Mark> by_number_;
  };
  /// All of them at once, for who looks at every row; they wait meanwhile.
  void with_marks(const std::function<void(const Marks& marks)>& look) {
    const std::lock_guard held(mutex_);
    look(marks_);
  }
  /// Changes it in the batch, and in memory once `commit` of change_marks was made.
  using Change = std::function<void(Mark& mark)>;
  /// One commit: the marks of these dossiers, and what else `also` does. Errors: the engine's; those of `also`.
  Result<void> change_marks(const std::vector<std::uint32_t>& numbers, const Change& change,
                            const node::Engine::WorkFn& also);
  /// These dossiers were erased: what was noted of them goes too.
  Result<void> forget(const std::vector<std::uint32_t>& numbers);
  /// What one account was in charge of is in another's from now on (empty: nobody's), in commits of some.
  Result<void> hand_over(const std::string& from, const std::string& to);
  /// In how many dossiers' charge each account is.
  std::map<std::string, std::uint64_t> in_charge();

 private:
  Counter& counter_;
  std::mutex mutex_;
  bool loaded_ = false;
  Marks marks_;
};

// One function a file of this folder.
void add_inbox_routes(Desk& desk);
void add_desk_dossier_routes(Desk& desk);
void add_answer_routes(Desk& desk);
void add_account_routes(Desk& desk);
void add_office_routes(Desk& desk);
void add_filter_routes(Desk& desk);

/// A dossier that the viewer may read. Errors: as ReadGuard::find.
Result<people::ReadGuard::Found> found_dossier(Desk& desk, const Request& request, std::string_view id);
/// Whether that account may be in charge of a dossier of this domain; nobody may. Errors: usage.
Result<void> check_in_charge(const sync::ReadTxn& txn, const std::string& person, sync::Domain domain);
/// By hamlet: what its box is called.
std::map<HamletId, std::string> hamlet_names(const sync::Roster& roster);
/// The commune's word for where it stands; "new" before the first.
std::string_view state_word(std::string_view state);
/// Whether its day is over and the commune still has to act.
bool is_overdue(std::string_view state, std::string_view due, std::string_view today);

}  // namespace khuoi::desk
