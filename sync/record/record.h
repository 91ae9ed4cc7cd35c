#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sync/base/ids.h"
#include "sync/base/parts.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/record/state.h"

namespace khuoi::sync {

/// What a record is. The kind is inside the ciphertext; the numbers are part of the format (five bits).
enum class Kind : std::uint8_t {
  opener = 0,
  author_copy = 1,
  submission = 2,
  edit = 3,
  withdrawal = 4,
  manifest = 5,
  pick = 6,
  state = 7,
  announcement = 8,
  played = 9,
  document = 10,
  document_read = 11,
  message = 12,
  form = 13,
  dictionary = 14,
  group_key = 15,
  receipt = 16,           ///< travels as a statement, never as a record
  roster_statement = 17,  ///< likewise
  checkpoint = 18,
  node_health = 19,
  erase = 20,
};
inline constexpr std::uint8_t kind_last = 20;
std::string_view name_of(Kind kind);
/// What people wrote, as `records_*` and `waiting` count it; all else is control.
bool is_peoples(Kind kind);

enum class Domain : std::uint8_t { general = 0, health = 1 };
std::string_view name_of(Domain domain);

/// Where a record stands: its author's run and its number there.
struct Ref {
  NodeId author;
  RunId run;
  std::uint32_t number = 0;
  auto operator<=>(const Ref&) const = default;
  static auto parts(auto& ref) { return parts_of(ref.author, ref.run, ref.number); }
};

/// How to fetch and open one attachment.
struct FileFacts {
  std::string name;  ///< NFC base name, ≤ 255 octets, no '/'
  std::uint64_t octets = 0;
  std::string type;
  std::array<std::uint8_t, 32> key{};
  ChunkHash root;
  bool operator==(const FileFacts&) const = default;
  /// As stores keep it; a record has its own way.
  static auto parts(auto& file) {
    return parts_of(Counted(file.name, 1U << 20U), Counted(file.type, 1U << 20U), file.octets, file.key, file.root);
  }
};

struct Submission {
  Bytes payload;  ///< from sync/codec: model hash, mode, coded XML
  bool operator==(const Submission&) const = default;
};
struct Edit {
  DossierId dossier;
  std::vector<Ref> seen;
  Bytes payload;
  bool operator==(const Edit&) const = default;
};
struct Withdrawal {
  DossierId dossier;
  std::vector<Ref> seen;
  std::string reason;
  bool operator==(const Withdrawal&) const = default;
};
struct Manifest {
  DossierId dossier;
  FileFacts file;
  std::optional<Ref> version = {};  ///< the submission or edit that brought it; earlier programs did not say
  bool operator==(const Manifest&) const = default;
};
struct Pick {
  DossierId dossier;
  Ref chosen;
  std::vector<Ref> seen;
  bool operator==(const Pick&) const = default;
};
struct StateChange {
  HamletId hamlet;
  DossierId dossier;
  State state = State::fresh;
  std::string code;
  std::string note;
  std::string due;  ///< yyyy-mm-dd or empty
  std::uint64_t fee_vnd = 0;
  std::vector<FileFacts> files;
  std::vector<Ref> seen;
  bool operator==(const StateChange&) const = default;
};
enum class Urgency : std::uint8_t { routine = 0, priority = 1, emergency = 2 };
struct AnnouncementContent {
  std::string text;
  Urgency urgency = Urgency::routine;
  std::vector<HamletId> to;  ///< empty: all
  bool noon = true;
  bool afternoon = true;
  UnixSeconds issued;
  UnixSeconds expires;
  std::optional<FileFacts> clip;
  bool operator==(const AnnouncementContent&) const = default;
};
struct Approval {
  NodeId officer;
  std::array<std::uint8_t, 64> signature{};
  bool operator==(const Approval&) const = default;
  static auto parts(auto& approval) { return parts_of(approval.officer, approval.signature); }
};
struct Announcement {
  Bytes content;  ///< encoded AnnouncementContent, the octets officers sign
  std::vector<Approval> approvals;
  bool operator==(const Announcement&) const = default;
};
struct Played {
  Ref announcement;
  UnixSeconds at;
  bool by_person = false;
  bool not_heard = false;  ///< takes back what was told of that time: nobody could hear it
  bool operator==(const Played&) const = default;
};
struct Document {
  std::string title;
  std::vector<FileFacts> files;
  std::vector<HamletId> to;
  bool operator==(const Document&) const = default;
};
struct DocumentRead {
  Ref document;
  UnixSeconds at;
  std::string person;
  bool operator==(const DocumentRead&) const = default;
};
struct Message {
  std::string text;
  std::string person;
  bool operator==(const Message&) const = default;
};
struct FormRecord {
  std::string id;
  std::string version;
  std::string title;
  Domain domain = Domain::general;
  Bytes xml;
  std::vector<FileFacts> media;
  bool closed = false;
  bool operator==(const FormRecord&) const = default;
};
struct DictionaryRecord {
  std::array<std::uint8_t, 32> form_hash{};
  Bytes octets;
  bool operator==(const DictionaryRecord&) const = default;
};
struct GroupKey {
  std::array<std::uint8_t, 32> key{};
  std::uint32_t epoch = 0;  ///< the greatest is in force; 0 of keys that earlier programs made
  bool operator==(const GroupKey&) const = default;
};
struct Checkpoint {
  RunId run;
  std::uint32_t up_to = 0;
  std::array<std::uint8_t, 32> chain{};
  bool final = false;
  std::array<std::uint8_t, 64> signature{};
  bool operator==(const Checkpoint&) const = default;
};
struct NodeHealth {
  std::string version;
  std::uint64_t store_octets = 0;
  std::uint64_t disk_free_octets = 0;
  std::uint64_t uptime_seconds = 0;
  bool clock_trusted = false;
  bool operator==(const NodeHealth&) const = default;
};
struct Erase {
  HamletId hamlet;
  DossierId dossier;
  std::string reason;
  bool operator==(const Erase&) const = default;
};

using Body = std::variant<Submission, Edit, Withdrawal, Manifest, Pick, StateChange, Announcement, Played, Document,
                          DocumentRead, Message, FormRecord, DictionaryRecord, GroupKey, Checkpoint, NodeHealth, Erase>;
Kind kind_of(const Body& body);

/// When the author wrote it, by the author's clock.
struct WrittenAt {
  std::uint32_t run_seconds = 0;  ///< whole seconds since the run opened, monotonic
  bool clock_stepped = false;     ///< then `wall` stands in the record, else it is the opener's wall plus run_seconds
  UnixSeconds wall;
  bool trusted = false;
  bool operator==(const WrittenAt&) const = default;
};

/// A record's plaintext: kind, domain, time, body; padded so that with its tag it is a multiple of four octets.
struct Plain {
  Kind kind = Kind::submission;
  Domain domain = Domain::general;
  WrittenAt at;
  Body body;
  bool operator==(const Plain&) const = default;
};

inline constexpr std::size_t record_octets_max = 1U << 20U;
/// A form's XML, which a record holds compressed.
inline constexpr std::size_t form_octets_max = 16U << 20U;
inline constexpr std::size_t seen_max = 1024;
inline constexpr std::size_t recipients_max = 1024;
inline constexpr std::size_t files_max = 1000;
inline constexpr std::size_t approvals_max = 16;
inline constexpr std::size_t text_octets_max = 64U << 10U;
inline constexpr std::size_t file_name_octets_max = 255;

/// What may stand as an attachment's name: 1..255 octets of UTF-8 without '/' or control characters, and not "." or
/// "..", because an export makes a file of it.
bool is_file_name(std::string_view name);
/// The limits that decode_plain enforces on a body, for the writer: counts, lengths, UTF-8, names, dates.
/// Errors: malformed, too_large.
Result<void> check_body(const Body& body);

/// The body padded to a multiple of four octets (see FORMATS.md). The kind is the body's own; plain.kind is not asked.
/// Only for a body that passed check_body; what people hand in goes through encode_plain_checked.
Bytes encode_plain(const Plain& plain);
/// check_body, encode_plain, and the record's limit. Errors: malformed, too_large.
Result<Bytes> encode_plain_checked(const Plain& plain);
/// Errors: malformed, too_large, unsupported (a kind of a later version).
Result<Plain> decode_plain(ByteView octets);

/// Errors: malformed, too_large.
Result<void> check_announcement_content(const AnnouncementContent& content);
/// Only for content that passed the check.
Bytes encode_announcement_content(const AnnouncementContent& content);
/// Errors: malformed, too_large.
Result<AnnouncementContent> decode_announcement_content(ByteView octets);

}  // namespace khuoi::sync
