// Documents and messages. Announcements are the loudspeaker's.
#include <algorithm>
#include <charconv>
#include <boost/json.hpp>

#include "node/acts/items.h"
#include "node/acts/text.h"
#include "node/counter/counter.h"
#include "node/counter/items_shown.h"
#include "node/web_server/file_response.h"
#include "node/web_server/json_body.h"
#include "node/web_server/problem.h"
#include "sync/peers/reach.h"

namespace khuoi::http {

namespace json = boost::json;
using sync::ItemEntry;
using sync::Replica;
using sync::ReplicaReader;

namespace {

constexpr std::size_t message_octets_max = 4000;

/// Calls visit for the newest items with such a body that this viewer's keys open, at most so many, the newest first.
template <typename Body>
Result<void> each_item(
    Counter& counter, const people::Viewer& viewer, std::size_t count_max,
    const std::function<Result<void>(ReplicaReader&, const sync::ReadTxn&, const ItemEntry&, const sync::Plain&, const Body&)>&
        visit) {
  return counter.read_guard().look(viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) {
    return node::each_newest_item<Body>(reader, txn, count_max,
                                        [&](const ItemEntry& item, const sync::Plain& plain, const Body& body) {
                                          return visit(reader, txn, item, plain, body);
                                        });
  });
}

struct FoundDocument {
  sync::Ref ref;
  sync::Document document;
  bool read = false;
};
Result<FoundDocument> document_named(Counter& counter, const Request& request) {
  std::optional<FoundDocument> out;
  const auto ref = node::ref_of_text(request.values[0]);
  KHUOI_TRY_VOID(counter.read_guard().look(
      *request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const auto item, ref ? reader.items().find(txn, *ref) : Result<std::optional<ItemEntry>>(std::nullopt));
        if (!item) return {};
        const auto plain = reader.run_keys().read(txn, item->ref);
        const auto* document = plain ? std::get_if<sync::Document>(&plain->body) : nullptr;
        if (document != nullptr) out = FoundDocument{item->ref, *document, item->settled};
        return {};
      }));
  if (!out) return fail(Errc::not_found, "there is no such document");
  return std::move(*out);
}

Response documents(Counter& counter, Request& request) {
  json::array out;
  KHUOI_ANSWER(const std::size_t count, items_asked_for(request));
  KHUOI_ANSWER_VOID(each_item<sync::Document>(
      counter, *request.viewer, count,
      [&](ReplicaReader&, const sync::ReadTxn& txn, const ItemEntry& item, const sync::Plain& plain,
          const sync::Document& document) -> Result<void> {
        bool have = true;
        std::uint64_t size = 0;
        json::array files;
        for (const sync::FileFacts& file : document.files) {
          KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(file.key)));
          have = have && status.complete;
          size += file.octets;
          files.push_back(json::object{{"name", file.name}, {"size", file.octets}, {"have", status.complete}});
        }
        out.push_back(json::object{{"id", node::text_of_ref(item.ref)},
                                   {"title", document.title},
                                   {"at", plain.at.wall.value},
                                   {"name", document.files.empty() ? "" : document.files.front().name},
                                   {"size", size},
                                   {"have", have},
                                   {"files", std::move(files)},
                                   {"read", item.settled}});
        return {};
      }));
  return json_response(out);
}

Response document_file(Counter& counter, Request& request) {
  KHUOI_ANSWER(const FoundDocument found, document_named(counter, request));
  const std::string_view name = request.query("name");
  const auto& files = found.document.files;
  const auto file = name.empty() ? files.begin() : std::ranges::find(files, name, &sync::FileFacts::name);
  if (file == files.end()) return problem_of(fail(Errc::not_found, "the document has no such file"));
  return file_response(counter.engine(), *file);
}

/// The commune hears who read it.
Response document_read(Counter& counter, Request& request) {
  KHUOI_ANSWER(const FoundDocument found, document_named(counter, request));
  if (found.read) return json_response(json::object{});
  KHUOI_ANSWER_VOID(counter.read_guard().work(*request.viewer, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(
        replica.bulletin().tell(batch, sync::Rank::normal, sync::DocumentRead{found.ref, batch.now.wall, request.viewer->person}));
    return replica.items().mark_settled(batch, found.ref);
  }));
  return json_response(json::object{});
}

Response messages(Counter& counter, Request& request) {
  json::array out;
  KHUOI_ANSWER(const std::size_t count, items_asked_for(request));
  KHUOI_ANSWER_VOID(each_item<sync::Message>(
      counter, *request.viewer, count,
      [&](ReplicaReader& reader, const sync::ReadTxn& txn, const ItemEntry& item, const sync::Plain& plain,
          const sync::Message& message) -> Result<void> {
        const sync::CommuneFacts* commune = reader.roster().commune();
        const std::string commune_name = commune != nullptr ? commune->name : std::string();
        std::string state = item.settled ? "seen" : "new";
        if (item.by_me) {
          KHUOI_TRY(const sync::Reach reach, sync::reach_of(txn, reader.peers(), reader.self().commune_node, item.ref));
          state = sync::name_of(reach);
        }
        out.push_back(json::object{{"id", node::text_of_ref(item.ref)},
                                   {"at", plain.at.wall.value},
                                   {"from", item.by_me ? reader.self().name : commune_name},
                                   {"to", item.by_me ? commune_name : reader.self().name},
                                   {"person", message.person},
                                   {"text", message.text},
                                   {"mine", item.by_me},
                                   {"state", state}});
        return {};
      }));
  return json_response(out);
}

Response send(Counter& counter, Request& request) {
  KHUOI_ANSWER(const json::object body, json_body(request));
  KHUOI_ANSWER(const std::string text, text_member(body, "text", message_octets_max));
  if (text.empty()) return problem_of(fail(Errc::usage, "the message is empty"));
  sync::Message message;
  message.text = text;
  message.person = request.viewer->person;
  KHUOI_ANSWER_VOID(counter.read_guard().work(*request.viewer, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.bulletin().send_message(batch, message, std::nullopt));
    return {};
  }));
  return json_response(json::object{}, 201);
}

/// Those that this viewer can read.
Response mark_messages_seen(Counter& counter, Request& request) {
  std::vector<sync::Ref> fresh;
  KHUOI_ANSWER_VOID(counter.read_guard().look(
      *request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const auto open, reader.items().newest_open(txn, sync::Kind::message, items_shown_max));
        for (const ItemEntry& item : open) {
          const auto plain = reader.run_keys().read(txn, item.ref);
          if (plain && std::holds_alternative<sync::Message>(plain->body)) fresh.push_back(item.ref);
        }
        return {};
      }));
  if (fresh.empty()) return json_response(json::object{});
  KHUOI_ANSWER_VOID(counter.engine().work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    for (const sync::Ref& ref : fresh) {
      KHUOI_TRY_VOID(replica.items().mark_settled(batch, ref));
    }
    return {};
  }));
  return json_response(json::object{});
}

}  // namespace

Result<std::size_t> items_asked_for(const Request& request) {
  const std::string_view text = request.query("count");
  if (text.empty()) return items_shown_first;
  std::size_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || end != text.data() + text.size() || out == 0) {
    return fail(Errc::usage, "'count' is how many are wanted: a number from 1 to " + std::to_string(items_shown_max));
  }
  return std::min(out, items_shown_max);
}

void add_item_routes(Counter& counter) {
  constexpr std::size_t body_octets_max = 4 * message_octets_max;
  counter.add(Method::get, "/api/documents", Access::logged_in(), documents);
  counter.add(Method::get, "/api/documents/:id/file", Access::logged_in(), document_file);
  counter.add(Method::post, "/api/documents/:id/read", Access::logged_in(), document_read, body_octets_max);
  counter.add(Method::get, "/api/messages", Access::logged_in(), messages);
  counter.add(Method::post, "/api/messages", Capability::read_general, send, body_octets_max);
  counter.add(Method::post, "/api/messages/seen", Access::logged_in(), mark_messages_seen, body_octets_max);
}

}  // namespace khuoi::http
