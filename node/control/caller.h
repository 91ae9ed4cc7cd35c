#pragma once

#include <functional>
#include <optional>
#include <string>

#include "storage/files.h"
#include "sync/seal/secret.h"

namespace khuoi::node {

enum class Ask : std::uint8_t {
  if_given,  ///< from --passphrase-file or the environment only
  person,    ///< else at the terminal, when there is one
};
enum class Phrase : std::uint8_t {
  present,  ///< the phrase that opens what is here
  fresh,    ///< one that shall open from now on
};

/// Whoever gave a command: its terminal, its files and its rights. The same command runs with a LocalCaller inside the
/// program that was typed, or in the service with a RemoteCaller at the other end of the control socket.
class Caller {
 public:
  virtual ~Caller() = default;
  /// To stdout, as it is. What was said stays said: an id only after its record is durable.
  virtual void say(std::string_view text) = 0;
  /// One sentence for a person, to stderr.
  virtual void warn(std::string_view sentence) = 0;
  /// Of long work; shown on a terminal only.
  virtual void progress(std::string_view what, std::uint64_t done, std::uint64_t of) = 0;
  /// Nobody listens any more, or the service stops: end between two commits.
  [[nodiscard]] virtual bool gone() = 0;

  // Files that the caller named, with the caller's rights.
  /// Errors: not_found, too_large, io, ...
  virtual Result<Bytes> read_file(const std::string& path, std::size_t octets_max) = 0;
  virtual Result<storage::Fd> open_file(const std::string& path) = 0;
  using Sink = std::function<Result<void>(ByteView)>;
  using Content = std::function<Result<void>(const Sink& sink)>;
  enum class Durable : std::uint8_t { no, yes };
  /// Makes or replaces a file, in one step; one that holds just that already is left alone. Makes folders as needed.
  virtual Result<void> write_file(const std::string& path, Durable durable, const Content& content) = 0;

  /// Nothing when there is none to be had.
  virtual Result<std::optional<sync::Secret>> phrase(Phrase which, Ask ask) = 0;
  /// A question that a person answers with yes or no at the terminal; nothing when there is no terminal. Errors: io.
  virtual Result<std::optional<bool>> confirm(std::string_view question) = 0;
};

}  // namespace khuoi::node
