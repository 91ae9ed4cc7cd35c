#pragma once

#include <boost/json.hpp>
#include <map>

#include "node/cli/command.h"
#include "tests/node/links_fixture.h"

namespace khuoi::tests {

/// Gives commands to an engine of this process, and keeps what they say and write.
class TestCaller final : public node::Caller {
 public:
  std::string said;
  std::string warned;
  std::map<std::string, std::string> written;  ///< by path
  std::map<std::string, std::string> given;    ///< files that commands may read
  std::optional<bool> answer;                  ///< to questions at the terminal; nothing: there is no terminal
  std::string asked;
  const node::Lent* service = nullptr;

  node::ExitCode run(node::Engine& engine, const std::string& command,
                     std::map<std::string, std::vector<std::string>> values) {
    said.clear();
    warned.clear();
    asked.clear();
    const node::Command* found = node::find_command(command);
    REQUIRE(found != nullptr);
    const node::Request request{command, std::move(values)};
    node::Task task{engine, *this, request, service};
    const auto done = found->run(task);
    if (done) return *done;
    warn(done.error().what);
    return node::exit_code_of(done.error());
  }

  void say(std::string_view text) override { said += text; }
  void warn(std::string_view sentence) override { warned += std::string(sentence) + "\n"; }
  void progress(std::string_view, std::uint64_t, std::uint64_t) override {}
  bool gone() override { return false; }
  Result<Bytes> read_file(const std::string& path, std::size_t) override {
    const auto found = given.find(path);
    if (found == given.end()) return fail(Errc::not_found, "there is no file " + path);
    return to_bytes(view_of(found->second));
  }
  Result<storage::Fd> open_file(const std::string& path) override { return fail(Errc::not_found, "there is no file " + path); }
  Result<void> write_file(const std::string& path, Durable, const Content& content) override {
    std::string all;
    KHUOI_TRY_VOID(content([&](ByteView piece) -> Result<void> {
      all += text_of(piece);
      return {};
    }));
    written[path] = std::move(all);
    return {};
  }
  Result<std::optional<bool>> confirm(std::string_view question) override {
    asked = question;
    return answer;
  }
  Result<std::optional<sync::Secret>> phrase(node::Phrase, node::Ask) override { return std::optional<sync::Secret>(); }
};

}  // namespace khuoi::tests
