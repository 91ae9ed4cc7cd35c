#include "node/acts/media_type.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace khuoi::node {

namespace {

struct TypeOf {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array<TypeOf, 20> types = {
    {{".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".png", "image/png"},     {".webp", "image/webp"},
     {".gif", "image/gif"},  {".heic", "image/heic"}, {".svg", "image/svg+xml"}, {".pdf", "application/pdf"},
     {".mp3", "audio/mpeg"}, {".m4a", "audio/mp4"},   {".amr", "audio/amr"},     {".wav", "audio/wav"},
     {".opus", "audio/ogg"}, {".ogg", "audio/ogg"},   {".mp4", "video/mp4"},     {".3gp", "video/3gpp"},
     {".csv", "text/csv"},   {".txt", "text/plain"},  {".xml", "text/xml"},      {".zip", "application/zip"}}};

struct Magic {
  std::string_view octets;
  std::size_t at;
  std::string_view type;
};
constexpr std::array<Magic, 12> magics = {{{"\xff\xd8\xff", 0, "image/jpeg"},
                                           {"\x89PNG\r\n\x1a\n", 0, "image/png"},
                                           {"GIF8", 0, "image/gif"},
                                           {"WEBP", 8, "image/webp"},
                                           {"%PDF-", 0, "application/pdf"},
                                           {"ftyphei", 4, "image/heic"},
                                           {"ftypM4A", 4, "audio/mp4"},
                                           {"ftyp3gp", 4, "video/3gpp"},
                                           {"ftyp", 4, "video/mp4"},
                                           {"#!AMR", 0, "audio/amr"},
                                           {"OggS", 0, "audio/ogg"},
                                           {"WAVE", 8, "audio/wav"}}};

constexpr std::string_view unknown_type = "application/octet-stream";

}  // namespace

std::string media_type(const std::string& name) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const TypeOf& one : types) {
    if (lower.ends_with(one.ending)) return std::string(one.type);
  }
  return std::string(unknown_type);
}

std::string media_type(const std::string& name, ByteView first_octets) {
  const std::string_view text = text_of(first_octets.first(std::min<std::size_t>(first_octets.size(), 64)));
  for (const Magic& magic : magics) {
    if (text.size() >= magic.at && text.substr(magic.at).starts_with(magic.octets)) return std::string(magic.type);
  }
  // What begins like nothing we know may be what its name says, unless that would have been known by its beginning.
  const std::string said = media_type(name);
  return std::ranges::find(magics, said, &Magic::type) != magics.end() ? std::string(unknown_type) : said;
}

}  // namespace khuoi::node
