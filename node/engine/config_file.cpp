#include "node/engine/config_file.h"

#include <fstream>

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t config_octets_max = 1U << 20U;

fs::path config_of(const fs::path& data) { return data / "config.toml"; }

}  // namespace

Result<toml::table> read_config_file(const fs::path& data) {
  const fs::path file = config_of(data);
  std::error_code missing;
  if (!fs::exists(file, missing)) return toml::table();
  if (fs::file_size(file, missing) > config_octets_max || missing) {
    return fail(Errc::too_large, file.string() + " is no configuration: it is over 1 MiB, or no file");
  }
  std::ifstream from(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(from)), {});
  if (!from) return fail(Errc::io, "reading " + file.string() + " failed");
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(Errc::malformed, file.string() + ", line " + std::to_string(parsed.error().source().begin.line) + ": " +
                                     std::string(parsed.error().description()) + ": mend that line");
  }
  return std::move(parsed).table();
}

Result<const toml::table*> config_table(const fs::path& data, const toml::table& file, std::string_view name) {
  const toml::node* named = file.get(name);
  if (named == nullptr) return static_cast<const toml::table*>(nullptr);
  const toml::table* table = named->as_table();
  if (table == nullptr) {
    return wrong_config(data, *named, name, "is no table: begin it with a line [" + std::string(name) + "]");
  }
  return table;
}

Error wrong_config(const fs::path& data, const toml::node& where, std::string_view table, std::string_view what) {
  return fail(Errc::usage, config_of(data).string() + ", line " + std::to_string(where.source().begin.line) + ": [" +
                               std::string(table) + "] " + std::string(what));
}

}  // namespace khuoi::node
