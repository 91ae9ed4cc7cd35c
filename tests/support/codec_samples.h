#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "sync/base/rng.h"
#include "sync/codec/dictionary.h"
#include "sync/codec/model.h"
#include "sync/codec/record_model.h"

namespace khuoi::tests {

inline Bytes file_octets(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Health visits like the generator's, made here so that no test needs another program. Person i makes the visits
/// 3i, 3i + 1 and 3i + 2.
struct SampleVisits {
  std::vector<std::string> xml;
  /// Names, card numbers, dates of birth and coordinates: what must never stand in a dictionary.
  std::vector<std::string> secrets;
};

inline SampleVisits sample_visits(std::size_t count, std::uint64_t seed = 5) {
  using List = std::vector<const char*>;
  static const List family = {"Nguyễn", "Nông", "Hoàng", "Triệu", "Lý", "Bế"};
  static const List middle = {"Thị", "Văn", "A", "Seo", "Minh"};
  static const List given = {"Lan", "Páo", "Mỷ", "Sáng", "Hiền", "Dế", "Tâm"};
  static const List hamlet = {"Khuổi Mèo", "Nà Lay", "Tân Lập", "Phú Cốc"};
  static const List complaint = {"sốt nhẹ về chiều, ho khan", "không có gì bất thường", "đau khớp gối khi đi nương",
                                 "ho có đờm kéo dài trên hai tuần"};
  SeededRng rng(seed);
  const auto pick = [&](const List& from) { return std::string(from[rng.below(from.size())]); };
  const auto digits = [&](std::size_t octets) {
    std::string out;
    while (out.size() < octets) out.push_back(static_cast<char>('0' + rng.below(10)));
    return out;
  };
  SampleVisits out;
  std::string name;
  std::string born;
  std::string card;
  std::string place;
  for (std::size_t at = 0; at < count; ++at) {
    // One draw a statement: compilers differ in the order in which they evaluate the sides of a `+`.
    const auto add = [&](std::string& to, const std::string& part) { to.append(part); };
    if (at % 3 == 0) {
      name = pick(family);
      add(name, " " + pick(middle));
      add(name, " " + pick(given));
      born = "19" + digits(2);
      add(born, "-0" + std::to_string(1 + rng.below(9)));
      add(born, "-1" + digits(1));
      card = "DK2" + digits(12);
      place = "22.6" + digits(6);
      add(place, " 105.9" + digits(6));
      add(place, " 4" + digits(2) + ".0 5.0");
      out.secrets.insert(out.secrets.end(), {name, born, card, card.substr(3), place, place.substr(0, 10)});
    }
    Bytes id(16);
    rng.fill(id);
    std::string uuid = to_hex(id);
    uuid[12] = '4';
    uuid[16] = 'a';
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) uuid.insert(dash, "-");
    std::string xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data xmlns:orx=\"http://openrosa.org/xforms\" "
        "id=\"kham_suc_khoe_ho\" version=\"2026051203\">\n  <diaban><khuoi>";
    add(xml, pick(hamlet));
    add(xml, "</khuoi><xa>Sảng Mộc</xa><toado>" + place + "</toado></diaban>\n  <noidung>\n    <ho_ten>" + name +
                 "</ho_ten>\n    <ngay_sinh>" + born + "</ngay_sinh>\n    <so_bhyt>" + card + "</so_bhyt>\n    <mach>");
    add(xml, std::to_string(60 + rng.below(50)));
    add(xml, "</mach>\n    <trieu_chung>" + pick(complaint));
    add(xml, "</trieu_chung>\n    <ghi_chu/>\n  </noidung>\n  <orx:meta><orx:instanceID>uuid:" + uuid);
    add(xml, "</orx:instanceID><orx:timeStart>2026-05-" + std::to_string(10 + rng.below(20)));
    add(xml, "T08:1" + digits(1));
    add(xml, ":2" + digits(1));
    add(xml, "." + digits(3) + "+07:00</orx:timeStart></orx:meta>\n</data>\n");
    out.xml.push_back(std::move(xml));
  }
  return out;
}

inline std::vector<std::string> sample_submissions(std::size_t count) { return sample_visits(count).xml; }

/// The form these visits belong to, as an XForm.
inline Bytes health_form() {
  static constexpr std::string_view form =
      "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" "
      "xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:orx=\"http://openrosa.org/xforms\"><h:head><h:title>Khám sức "
      "khoẻ "
      "tại hộ</h:title><model><instance><data id=\"kham_suc_khoe_ho\" version=\"2026051203\"><diaban><khuoi/><xa/>"
      "<toado/></diaban><noidung><ho_ten/><ngay_sinh/><so_bhyt/><mach/><trieu_chung/><ghi_chu/></noidung><orx:meta>"
      "<orx:instanceID/><orx:timeStart/></orx:meta></data></instance>"
      "<bind nodeset=\"/data/diaban/toado\" type=\"geopoint\"/><bind nodeset=\"/data/noidung/ngay_sinh\" "
      "type=\"date\"/>"
      "<bind nodeset=\"/data/noidung/mach\" type=\"int\"/>"
      "<bind nodeset=\"/data/orx:meta/orx:instanceID\" type=\"string\" jr:preload=\"uid\"/>"
      "<bind nodeset=\"/data/orx:meta/orx:timeStart\" type=\"dateTime\"/></model></h:head><h:body>"
      "<input ref=\"/data/noidung/trieu_chung\"><label>Triệu chứng</label></input></h:body></h:html>";
  return to_bytes(view_of(form));
}

/// A form that is odd on purpose: other prefixes, attributes, repeats, every type of bind, choices of several.
inline Bytes odd_form() {
  static constexpr std::string_view form =
      "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml' xmlns:x='http://www.w3.org/2002/xforms' "
      "xmlns:j='http://openrosa.org/javarosa'><head><title>Nhật ký chè &amp; nương</title><x:model><x:instance>\n"
      "<n:log xmlns:n=\"urn:test:log\" id='log' n:version=\"3\" kind='a b'><n:day/><day>1</day><n:plot j:template=\"\">"
      "<n:area/><n:work/><n:at/></n:plot>\n  <n:plot><n:area/><n:work/><n:at/></n:plot><n:where/><n:time/><n:meta>"
      "<n:instanceID/><n:instanceName/></n:meta></n:log></x:instance><x:bind nodeset='/log/day' type='xsd:date'/>"
      "<x:bind nodeset='/log/plot/area' type=\"decimal\"/><x:bind nodeset='/log/plot/at' type='dateTime'/>"
      "<x:bind nodeset='/log/where' type='geopoint'/><x:bind nodeset='/log/time' type='time'/>"
      "<x:bind nodeset='/log/meta/instanceID' preload='uid'/></x:model></head><body><x:select ref='/log/plot/work'>"
      "<x:label>Việc đã làm</x:label><x:item><x:label>Phun</x:label><x:value>spray</x:value></x:item><x:item>"
      "<x:value>weed</x:value></x:item></x:select></body></html>";
  return to_bytes(view_of(form));
}

inline std::string odd_submission() {
  return "<n:log xmlns:n=\"urn:test:log\" id='log' n:version=\"3\" kind='a b'><n:day>2026-05-12</n:day><day>1</day>"
         "<n:plot><n:area>0.25</n:area><n:work>spray weed</n:work><n:at>2026-05-12T08:30:15.250+07:00</n:at></n:plot>\n"
         "  <n:plot><n:area>12</n:area><n:work>weed</n:work><n:at>2026-05-12T08:30:15.249Z</n:at></n:plot>"
         "<n:where>22.6 105.9 0 0</n:where><n:time>08:30:00.000+07:00</n:time><n:meta><n:instanceID>"
         "uuid:0f8fad5b-d9cb-469f-a165-70867728950e</n:instanceID><n:instanceName>0.25 spray weed 2026-05-12"
         "</n:instanceName></n:meta></n:log>";
}

/// A dictionary trained on submissions of the health form, as it travels.
inline Bytes dictionary_of(const std::vector<std::string>& submissions) {
  std::vector<ByteView> views;
  for (const std::string& xml : submissions) views.push_back(view_of(xml));
  return *sync::train(views, health_form()).encode();
}

inline std::shared_ptr<const sync::Model> sample_model() {
  return *sync::Model::make(health_form(), dictionary_of(sample_submissions(60)));
}

/// Whether the token mode by itself gives the octets back; encode_payload() would hide a fault behind a fallback.
inline bool tokens_come_back(const sync::Model& model, ByteView xml) {
  const auto octets = model.records().encode(text_of(xml));
  if (!octets) return true;  // past the step limit
  const auto back = model.records().decode(*octets, xml.size());
  return back && *back == text_of(xml);
}

}  // namespace khuoi::tests
