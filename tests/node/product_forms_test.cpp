// The forms that ship with the program, and filled examples of each (tests/data/product, FORM-N.xml, as the browsers'
// engine wrote them). What only an engine can tell (relevance, constraints) is tests/web/forms.mjs's matter.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "node/forms/built_in.h"
#include "sync/codec/xml_pieces.h"
#include "sync/record/form.h"
#include "sync/record/instance.h"
#include "tests/node/links_fixture.h"
#include "tests/support/places.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

struct Expected {
  sync::Domain domain = sync::Domain::general;
  bool urgent = false;
};
const std::map<std::string, Expected> expected{
    {"ban_sao_ho_tich", {}},
    {"bao_dich", {sync::Domain::health, true}},
    {"khai_sinh", {}},
    {"khai_tu", {}},
    {"kham_thai", {sync::Domain::health, false}},
    {"kham_tu_xa", {sync::Domain::health, false}},
    {"nhat_ky_che", {}},
    {"ra_soat_ho_ngheo", {}},
    {"tham_ho_suc_khoe", {sync::Domain::health, false}},
    {"thuong_tru", {}},
    {"tiem_chung_tre", {sync::Domain::health, false}},
    {"tinh_trang_hon_nhan", {}},
};

struct Form {
  BuiltInForm built_in;
  sync::FormFacts facts;
  std::string text;
};

std::vector<Form> product_forms() {
  std::vector<Form> out;
  for (const BuiltInForm& one : built_in_forms()) {
    auto facts = sync::read_form(one.xml);
    INFO((facts ? std::string() : facts.error().what));
    REQUIRE(facts);
    out.push_back({one, std::move(*facts), std::string(text_of(one.xml))});
  }
  return out;
}

/// What stands in the first group of each match.
std::vector<std::string> all_of(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}
std::set<std::string> set_of(const std::vector<std::string>& all) { return {all.begin(), all.end()}; }

/// The texts of each language, by the language's name.
std::map<std::string, std::map<std::string, std::string>> languages(const std::string& form) {
  std::map<std::string, std::map<std::string, std::string>> out;
  for (std::size_t at = form.find("<translation "); at != std::string::npos; at = form.find("<translation ", at + 1)) {
    const std::string part = form.substr(at, form.find("</translation>", at) - at);
    const std::size_t lang = part.find("lang=\"") + 6;
    auto& texts = out[part.substr(lang, part.find('"', lang) - lang)];
    const std::regex line("<text id=\"([^\"]+)\"><value>(.*)</value></text>");
    for (std::sregex_iterator one(part.begin(), part.end(), line), end; one != end; ++one) {
      CHECK(texts.emplace((*one)[1], (*one)[2]).second);
    }
    CHECK(texts.size() == all_of(part, "(<text)").size());
  }
  return out;
}

/// The paths of all elements of an XML text.
std::set<std::string> paths_of(std::string_view xml) {
  std::set<std::string> out;
  std::vector<std::string> open;
  sync::XmlPieces pieces(xml);
  sync::Piece piece;
  const auto path = [&] {
    std::string joined;
    for (const std::string& step : open) joined += "/" + step;
    return joined;
  };
  while (pieces.next(piece)) {
    if (piece.kind == sync::Piece::Kind::other) continue;
    if (sync::closes(piece.tag)) {
      if (!open.empty()) open.pop_back();
      continue;
    }
    open.emplace_back(sync::name_of_tag(piece.tag));
    out.insert(path());
    if (piece.kind == sync::Piece::Kind::leaf || !sync::opens(piece.tag)) open.pop_back();
  }
  return out;
}

struct Example {
  std::string file;
  std::string form;
  Bytes xml;
};
std::vector<Example> examples() {
  std::vector<Example> out;
  for (const auto& entry : std::filesystem::directory_iterator(test_data() / "product")) {
    const std::string name = entry.path().stem().string();
    std::ifstream file(entry.path(), std::ios::binary);
    out.push_back({name, name.substr(0, name.rfind('-')), Bytes(std::istreambuf_iterator<char>(file), {})});
  }
  return out;
}

}  // namespace

TEST_CASE("product forms: each is there, in its domain and of its urgency, and brings every file it names", "[node][forms]") {
  std::set<std::string> seen;
  for (const Form& form : product_forms()) {
    INFO(form.facts.id);
    const auto wanted = expected.find(form.facts.id);
    REQUIRE(wanted != expected.end());
    CHECK(seen.insert(form.facts.id).second);
    CHECK(form.built_in.domain == wanted->second.domain);
    CHECK(form.facts.health == (wanted->second.domain == sync::Domain::health));
    CHECK(form.facts.urgent == wanted->second.urgent);
    CHECK(form.facts.media.empty());  // a form that ships is its XML and nothing else
    CHECK(form.facts.version.size() == 10);
    CHECK(form.facts.title != form.facts.id);
    CHECK_FALSE(form.facts.title_en.empty());
    CHECK(form.facts.title_en != form.facts.title);
  }
  CHECK(seen.size() == expected.size());
}

TEST_CASE("product forms: everything is said in Vietnamese and in English, and nothing is left over", "[node][forms]") {
  // Names of peoples and things that both languages write alike.
  const std::set<std::string> alike{"Dao", "Tày", "Cao Lan", "Nùng", "Mông", "Kinh", "NPK", "1 sào = 360 m²"};
  for (const Form& form : product_forms()) {
    INFO(form.facts.id);
    const auto all = languages(form.text);
    REQUIRE(all.size() == 2);
    REQUIRE(all.contains("Tiếng Việt (vi)"));
    REQUIRE(all.contains("English (en)"));
    CHECK(form.text.find("lang=\"Tiếng Việt (vi)\" default=\"true()\"") != std::string::npos);
    const auto& vietnamese = all.at("Tiếng Việt (vi)");
    const auto& english = all.at("English (en)");
    CHECK(vietnamese.size() == english.size());
    const std::set<std::string> used = set_of(all_of(form.text, "jr:itext\\('([^']+)'\\)"));
    CHECK(used.size() == vietnamese.size());
    for (const std::string& id : used) {
      INFO(id);
      REQUIRE(vietnamese.contains(id));
      REQUIRE(english.contains(id));
      CHECK_FALSE(vietnamese.at(id).empty());
      const bool translated = vietnamese.at(id) != english.at(id) || alike.contains(vietnamese.at(id));
      CHECK(translated);
    }
    // No label, hint or message stands in one language only.
    CHECK(all_of(form.text, "(<label>|<hint>)").empty());
    CHECK(all_of(form.text, "(jr:(?:constraint|required)Msg=\"(?!jr:itext))").empty());
    CHECK(all_of(form.text, "(constraint=\"[^\"]*\"(?! jr:constraintMsg))").empty());
    CHECK(all_of(form.text, "(required=\"[^\"]*\"(?! jr:requiredMsg))").empty());
  }
}

TEST_CASE("product forms: none asks for the paper book, nor for the code that only the commune gives", "[node][forms]") {
  for (const Form& form : product_forms()) {
    for (const auto& [language, texts] : languages(form.text)) {
      for (const auto& [id, text] : texts) {
        INFO(form.facts.id << " " << id << ": " << text);
        for (const char* forbidden : {"ộ khẩu", "ã hồ sơ", "ousehold book", "ousehold register", "ossier code"}) {
          CHECK(text.find(forbidden) == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("product forms: the last thing shown is who reads it, and it takes a yes", "[node][forms]") {
  for (const Form& form : product_forms()) {
    INFO(form.facts.id);
    const std::size_t consent = form.text.find("<group ref=\"/data/consent\"");
    REQUIRE(consent != std::string::npos);
    const std::string rest = form.text.substr(consent);
    CHECK(rest.find("<input ref=\"/data/consent/noi_dung\">") < rest.find("<select1 ref=\"/data/consent/dong_y\">"));
    CHECK(all_of(rest, "(<group )").size() == 1);
    CHECK(all_of(rest, "(</group>\\s*</h:body>\\s*</h:html>\\s*)$").size() == 1);
    CHECK(all_of(form.text, "(<bind nodeset=\"/data/consent/dong_y\"[^>]*required=\"true\\(\\)\")").size() == 1);
    const auto all = languages(form.text);
    CHECK(all.at("Tiếng Việt (vi)").at("noi_dung").find("Người đọc:") != std::string::npos);
    CHECK(all.at("English (en)").at("noi_dung").find("Read by:") != std::string::npos);
  }
}

TEST_CASE("product forms: a health form can say when to come again, and what for", "[node][forms]") {
  for (const Form& form : product_forms()) {
    if (form.built_in.domain != sync::Domain::health) continue;
    INFO(form.facts.id);
    CHECK(all_of(form.text, "(<bind nodeset=\"[^\"]*/ngay_hen\" type=\"date\")").size() == 1);
    CHECK(all_of(form.text, "(<select1 ref=\"[^\"]*/viec_hen\">)").size() == 1);
  }
}

TEST_CASE("product forms: at least three filled examples of each fit its form", "[node][forms]") {
  std::map<std::string, const Form*> forms;
  const auto all = product_forms();
  for (const Form& form : all) forms[form.facts.id] = &form;
  std::map<std::string, int> count;
  for (const Example& example : examples()) {
    INFO(example.file);
    REQUIRE(forms.contains(example.form));
    const Form& form = *forms.at(example.form);
    ++count[example.form];
    const auto instance = sync::Instance::parse(example.xml);
    REQUIRE(instance);
    const auto facts = instance->facts(form.facts);
    REQUIRE(facts);
    CHECK(facts->head.form_id == form.facts.id);
    CHECK(facts->head.version == form.facts.version);
    CHECK(sync::is_uuid4_instance(facts->instance_id));
    const std::size_t from = form.text.find("<data ");
    const auto known = paths_of(form.text.substr(from, form.text.find("</instance>") - from));
    for (const std::string& path : paths_of(text_of(example.xml))) {
      INFO(path);
      CHECK(known.contains(path));
    }
    CHECK(text_of(example.xml).find("<dong_y>co</dong_y>") != std::string_view::npos);
    CHECK(all_of(std::string(text_of(example.xml)), "(<instanceName>[^<]{6,}</instanceName>)").size() == 1);
  }
  for (const auto& [form, wanted] : expected) {
    INFO(form);
    CHECK(count[form] >= 3);
  }
}

TEST_CASE("product forms: the examples come out of a box as they went in, and are small in it", "[node][forms]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::map<std::string, Bytes> handed_in;
  box.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    for (const Example& example : examples()) {
      KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, example.xml));
      KHUOI_TRY(const auto id, replica.intake().submit(batch, prepared, {}));
      CHECK(handed_in.emplace(id.hex(), example.xml).second);
      CHECK(prepared.form.domain == expected.at(example.form).domain);
      CHECK(prepared.rank == (expected.at(example.form).urgent ? sync::Rank::urgent : sync::Rank::high));
      KHUOI_TRY(const auto model, replica.library().model_for(batch.txn, prepared.form.hash));
      const Bytes payload = sync::encode_payload(*model, example.xml);
      INFO(example.file << " takes " << payload.size() << " of " << example.xml.size());
      CHECK(payload.size() < 400);  // without any dictionary; Latin names and sentences are most of it
      KHUOI_TRY(const auto mode, sync::mode_of(payload));
      CHECK(mode == sync::CodecMode::tokens);
      KHUOI_TRY(const Bytes back, sync::decode_payload(*model, payload, example.xml.size()));
      CHECK(back == example.xml);
    }
    return {};
  });
  box.unlock();
  std::size_t seen = 0;
  REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    std::vector<sync::DossierKey> keys;
    KHUOI_TRY_VOID(reader.dossiers().each_key(
        txn, [&](const sync::DossierKey& key, const sync::DossierRow&) { keys.push_back(key); }));
    for (const sync::DossierKey& key : keys) {
      KHUOI_TRY(const auto detail, reader.views().detail(txn, key));
      REQUIRE(detail.versions.size() == 1);
      CHECK(detail.versions.front().xml == handed_in.at(detail.entry.id.hex()));
      ++seen;
    }
    return {};
  }));
  CHECK(seen == handed_in.size());
}
