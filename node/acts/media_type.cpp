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

}  // namespace

std::string media_type(const std::string& name) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const TypeOf& one : types) {
    if (lower.ends_with(one.ending)) return std::string(one.type);
  }
  return "application/octet-stream";
}

}  // namespace khuoi::node
