#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace khuoi::tidy {

/// One file of ours. The path is relative to the project's root, with '/'.
struct Source {
  std::string path;
  std::string text;
};

inline bool is_any_of(std::string_view what, std::initializer_list<std::string_view> of) {
  return std::find(of.begin(), of.end(), what) != of.end();
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Every file below the named folders whose extension is named, sorted by path. What tools made is left out.
inline std::vector<Source> read_sources(const std::filesystem::path& root, const std::vector<std::string>& folders,
                                        std::initializer_list<std::string_view> extensions) {
  std::vector<Source> out;
  for (const std::string& folder : folders) {
    if (!std::filesystem::is_directory(root / folder)) continue;
    auto entries = std::filesystem::recursive_directory_iterator(root / folder);
    for (auto entry = begin(entries); entry != end(entries); ++entry) {
      if (entry->is_directory()) {
        if (is_any_of(entry->path().filename().string(), {"node_modules", "dist", "__pycache__"})) {
          entry.disable_recursion_pending();
        }
      } else if (is_any_of(entry->path().extension().string(), extensions)) {
        out.push_back({entry->path().lexically_relative(root).generic_string(), read_text(entry->path())});
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return out;
}

inline bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// C++ with every comment, string and character literal blanked out; lines stay where they were.
inline std::string code_only(std::string_view text) {
  std::string out(text);
  std::size_t i = 0;
  const auto blank_to = [&](std::size_t end) {
    for (end = std::min(end, out.size()); i < end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
  };
  const auto after = [&](std::string_view mark, std::size_t from) {
    const std::size_t at = text.find(mark, from);
    return at == std::string_view::npos ? text.size() : at + mark.size();
  };
  while (i < text.size()) {
    const bool after_word = i > 0 && is_word(text[i - 1]);
    if (text.substr(i, 2) == "//") {
      blank_to(text.find('\n', i));
    } else if (text.substr(i, 2) == "/*") {
      blank_to(after("*/", i + 2));
    } else if (text.substr(i, 2) == "R\"" && !after_word) {
      const std::size_t open = std::min(text.find('(', i), text.size());
      blank_to(after(")" + std::string(text.substr(i + 2, open - i - 2)) + "\"", open));
    } else if (text[i] == '"' || (text[i] == '\'' && !after_word)) {  // 1'000 has a separator, not a literal
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != text[i] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
      blank_to(end + 1);
    } else {
      ++i;
    }
  }
  return out;
}

/// One word of code with what stands right before and after it, blanks left out.
struct Word {
  std::size_t line = 0;
  std::string_view text;
  std::string_view before;  ///< "::", ".", "->", another word, or one character
  char after = ' ';
};

/// What stands at the end of `code`, blanks left out: one of the marks above, or a whole word.
inline std::string_view last_mark(std::string_view code) {
  const std::size_t last = code.find_last_not_of(" \t\n\r");
  if (last == std::string_view::npos) return {};
  std::size_t first = last;
  if (is_word(code[last])) {
    while (first > 0 && is_word(code[first - 1])) --first;
  } else if (last > 0 && is_any_of(code.substr(last - 1, 2), {"::", "->"})) {
    first = last - 1;
  }
  return code.substr(first, last - first + 1);
}

/// The words of code_only()'s result, which must outlive them.
inline std::vector<Word> words_of(std::string_view code) {
  std::vector<Word> out;
  std::size_t line = 1;
  for (std::size_t i = 0; i < code.size();) {
    if (!is_word(code[i])) {
      line += code[i++] == '\n' ? 1U : 0U;
      continue;
    }
    std::size_t end = i;
    while (end < code.size() && is_word(code[end])) ++end;
    const std::size_t next = code.find_first_not_of(" \t\n\r", end);
    out.push_back({line, code.substr(i, end - i), last_mark(code.substr(0, i)),
                   next == std::string_view::npos ? ' ' : code[next]});
    i = end;
  }
  return out;
}

struct Include {
  std::size_t line = 0;
  std::string name;
  bool quoted = false;
};

inline std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> out;
  std::size_t line = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view row = text.substr(from, end - from);
    from = end + 1;
    ++line;
    const std::size_t hash = row.find_first_not_of(" \t");
    if (hash == std::string_view::npos || row[hash] != '#') continue;
    const std::size_t word = row.find("include", hash);
    if (word == std::string_view::npos || row.find_first_not_of(" \t", hash + 1) != word) continue;
    const std::size_t open = row.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    const std::size_t close = row.find_first_of(">\"", open + 1);
    if (close != std::string_view::npos) {
      out.push_back({line, std::string(row.substr(open + 1, close - open - 1)), row[open] == '"'});
    }
  }
  return out;
}

}  // namespace khuoi::tidy
