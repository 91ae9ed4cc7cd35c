#include <algorithm>

#include "sync/base/nfc.h"
#include "sync/record/record.h"

namespace khuoi::sync {

namespace {

/// Collects the first complaint, so that a body's checks read as a list.
class Checks final {
 public:
  Checks& text(const std::string& value, std::string_view field) {
    if (value.size() > text_octets_max) note(Errc::too_large, field, "is longer than 64 KiB");
    const bool has_nul = value.find('\0') != std::string::npos;
    if (has_nul || !is_utf8(view_of(value))) note(Errc::malformed, field, "is not UTF-8 text");
    return *this;
  }
  /// Before Cap'n Proto sees them: it throws at lists past half a gibibyte.
  Checks& octets(const Bytes& value, std::string_view field) {
    if (value.size() > record_octets_max) note(Errc::too_large, field, "holds more than 1 MiB");
    return *this;
  }
  Checks& form(const Bytes& value) {
    if (value.size() > form_octets_max) note(Errc::too_large, "the form", "holds more than 16 MiB");
    return *this;
  }
  Checks& count(std::size_t value, std::size_t limit, std::string_view field) {
    if (value > limit) note(Errc::too_large, field, "holds more than " + std::to_string(limit) + " entries");
    return *this;
  }
  Checks& file(const FileFacts& value) {
    if (!is_file_name(value.name)) note(Errc::malformed, "a file's name", "is empty, too long, or no plain name");
    return text(value.type, "a file's type");
  }
  Checks& files(const std::vector<FileFacts>& value) {
    for (const FileFacts& one : value) file(one);
    return count(value.size(), files_max, "the list of files");
  }
  Checks& seen(const std::vector<Ref>& value) { return count(value.size(), seen_max, "what was seen"); }
  Checks& date(const std::string& value, std::string_view field) {
    constexpr std::string_view shape = "dddd-dd-dd";
    const bool fits = std::ranges::equal(
        value, shape, [](char c, char expected) { return expected == 'd' ? c >= '0' && c <= '9' : c == expected; });
    if (!value.empty() && !fits) note(Errc::malformed, field, "is not a date written yyyy-mm-dd");
    return *this;
  }
  Checks& named(const std::string& value, std::string_view field) {
    if (value.empty()) note(Errc::malformed, field, "is empty");
    return text(value, field);
  }
  [[nodiscard]] Result<void> result() const {
    if (what_.empty()) return {};
    return fail(code_, what_);
  }

 private:
  void note(Errc code, std::string_view field, const std::string& what) {
    if (!what_.empty()) return;
    code_ = code;
    what_ = "record: " + std::string(field) + " " + what;
  }
  Errc code_ = Errc::malformed;
  std::string what_;
};

struct Checker {
  Checks checks;
  void operator()(const Submission&) {}
  void operator()(const Edit& body) { checks.seen(body.seen); }
  void operator()(const Withdrawal& body) { checks.seen(body.seen).text(body.reason, "the reason"); }
  void operator()(const Manifest& body) { checks.file(body.file); }
  void operator()(const Pick& body) { checks.seen(body.seen); }
  void operator()(const StateChange& body) {
    checks.text(body.code, "the code").text(body.note, "the note").date(body.due, "the due date");
    checks.files(body.files).seen(body.seen);
  }
  void operator()(const Announcement& body) {
    checks.octets(body.content, "the content").count(body.approvals.size(), approvals_max, "the approvals");
  }
  void operator()(const Played&) {}
  void operator()(const Document& body) {
    checks.text(body.title, "the title").files(body.files).count(body.to.size(), recipients_max, "the recipients");
  }
  void operator()(const DocumentRead& body) { checks.text(body.person, "the person"); }
  void operator()(const Message& body) { checks.text(body.text, "the text").text(body.person, "the person"); }
  void operator()(const FormRecord& body) {
    checks.named(body.id, "the form's id").text(body.version, "the version").text(body.title, "the title");
    checks.form(body.xml).files(body.media);
  }
  void operator()(const DictionaryRecord& body) { checks.octets(body.octets, "the dictionary"); }
  void operator()(const GroupKey&) {}
  void operator()(const Checkpoint&) {}
  void operator()(const NodeHealth& body) { checks.text(body.version, "the version"); }
  void operator()(const Erase& body) { checks.text(body.reason, "the reason"); }
};

}  // namespace

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > file_name_octets_max || name == "." || name == "..") return false;
  if (!is_utf8(view_of(name))) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(name[i]);
    if (octet < 0x20 || octet == 0x7f || octet == '/') return false;
    const bool is_c1 = octet == 0xc2 && static_cast<std::uint8_t>(name[i + 1]) < 0xa0;  // U+0080..U+009F
    if (is_c1) return false;
  }
  return true;
}

Result<void> check_body(const Body& body) {
  Checker checker;
  std::visit(checker, body);
  return checker.checks.result();
}

Result<void> check_announcement_content(const AnnouncementContent& content) {
  Checks checks;
  checks.text(content.text, "the text").count(content.to.size(), recipients_max, "the recipients");
  if (content.clip) checks.file(*content.clip);
  return checks.result();
}

}  // namespace khuoi::sync
