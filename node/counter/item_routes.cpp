// Documents and messages. Announcements are the loudspeaker's.
#include <algorithm>
#include <boost/json.hpp>

#include "node/acts/items.h"
#include "node/acts/text.h"
#include "node/counter/counter.h"
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

/// Calls visit for every item with such a body that this viewer's keys open.
template <typename Body>
Result<void> each_item(
    Counter& counter, const people::Viewer& viewer,
    const std::function<Result<void>(ReplicaReader&, const sync::ReadTxn&, const ItemEntry&, const sync::Plain&, const Body&)>&
        visit) {
  return counter.read_guard().look(viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) {
    return node::each_item<Body>(reader, txn,
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
  KHUOI_TRY_VOID(
      each_item<sync::Document>(counter, *request.viewer,
                                [&](ReplicaReader&, const sync::ReadTxn&, const ItemEntry& item, const sync::Plain&,
                                    const sync::Document& document) -> Result<void> {
                                  if (node::text_of_ref(item.ref) == request.values[0])
                                    out = FoundDocument{item.ref, document, item.settled};
                                  return {};
                                }));
  if (!out) return fail(Errc::not_found, "there is no such document");
  return std::move(*out);
}

Response documents(Counter& counter, Request& request) {
  json::array out;
  KHUOI_ANSWER_VOID(each_item<sync::Document>(
      counter, *request.viewer,
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
  std::ranges::reverse(out);
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
  KHUOI_ANSWER_VOID(each_item<sync::Message>(
      counter, *request.viewer,
      [&](ReplicaReader& reader, const sync::ReadTxn& txn, const ItemEntry& item, const sync::Plain& plain,
          const sync::Message& message) -> Result<void> {
        const sync::CommuneFacts* commune = reader.roster().commune();
        const std::string commune_name = commune != nullptr ? commune->name : std::string();
        std::string state = item.settled ? "seen" : "new";
        if (item.by_me) {
          KHUOI_TRY(const auto holds, reader.views().commune_holds(txn));
          state = sync::name_of(sync::reach_of(holds, item.ref));
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

Response mark_messages_seen(Counter& counter, Request& request) {
  std::vector<sync::Ref> fresh;
  KHUOI_ANSWER_VOID(
      each_item<sync::Message>(counter, *request.viewer,
                               [&](ReplicaReader&, const sync::ReadTxn&, const ItemEntry& item, const sync::Plain&,
                                   const sync::Message&) -> Result<void> {
                                 if (!item.by_me && !item.settled) fresh.push_back(item.ref);
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
