#pragma once

#include <tuple>
#include <type_traits>

#include "sync/base/bytes.h"

namespace khuoi {

// How values stand in octets, in both directions from one declaration: integers and enumerations in network order, ids and
// arrays as they are, a tuple or what T::parts() gives one after the other, what has write(Writer&) and read(Reader&) as
// it says. Text, octets, vectors and optional parts take all that is left, so they come last; a ByteView borrows.

/// Few rows and keys have more: they are written with one allocation.
inline constexpr std::size_t octets_usual = 64;

template <typename T>
void write_part(Writer& to, const T& part) {
  [[maybe_unused]] const auto each = [&](const auto&... parts) { (write_part(to, parts), ...); };
  if constexpr (requires { part.write(to); }) {
    part.write(to);
  } else if constexpr (requires { part.encode(to); }) {
    part.encode(to);
  } else if constexpr (requires { T::parts(part); }) {
    std::apply(each, T::parts(part));
  } else if constexpr (requires { part.value; }) {
    write_part(to, part.value);
  } else if constexpr (std::is_enum_v<T>) {
    write_part(to, static_cast<std::underlying_type_t<T>>(part));
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (sizeof(T) == 8) to.u64(static_cast<std::uint64_t>(part));
    else if constexpr (sizeof(T) == 4) to.u32(static_cast<std::uint32_t>(part));
    else if constexpr (sizeof(T) == 2) to.u16(static_cast<std::uint16_t>(part));
    else to.u8(static_cast<std::uint8_t>(part));
  } else if constexpr (requires { part.has_value(); }) {
    if (part) write_part(to, *part);
  } else if constexpr (std::is_same_v<T, std::string>) {
    to.raw(view_of(part));
  } else if constexpr (std::is_convertible_v<const T&, ByteView>) {
    to.raw(part);
  } else if constexpr (requires { part.begin(); }) {
    for (const auto& one : part) write_part(to, one);
  } else {
    std::apply(each, part);
  }
}

/// What does not decode leaves the reader not ok.
template <typename T>
void read_part(Reader& from, T& part) {
  [[maybe_unused]] const auto each = [&](auto&&... parts) { (read_part(from, parts), ...); };
  if constexpr (requires { part.read(from); }) {
    part.read(from);
  } else if constexpr (requires { T::decode(from); }) {
    auto decoded = T::decode(from);
    if (decoded) part = std::move(*decoded);
    else from.refuse();
  } else if constexpr (requires { T::parts(part); }) {
    std::apply(each, T::parts(part));
  } else if constexpr (requires { part.value; }) {
    read_part(from, part.value);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    read_part(from, number);
    part = static_cast<T>(number);
  } else if constexpr (std::is_integral_v<T>) {
    std::uint64_t number = 0;
    for (const std::uint8_t octet : from.raw(sizeof(T))) number = number << 8U | octet;
    part = static_cast<T>(number);
  } else if constexpr (requires { part.has_value(); }) {
    if (!from.rest().empty()) read_part(from, part.emplace());
  } else if constexpr (std::is_same_v<T, ByteView>) {
    part = from.raw(from.rest().size());
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes>) {
    const ByteView octets = from.raw(from.rest().size());
    part.assign(octets.begin(), octets.end());
  } else if constexpr (requires { part.emplace_back(); }) {
    while (from.ok() && !from.rest().empty()) read_part(from, part.emplace_back());
  } else if constexpr (std::is_convertible_v<T&, std::span<std::uint8_t>>) {
    const ByteView octets = from.raw(part.size());
    std::copy(octets.begin(), octets.end(), part.begin());
  } else {
    std::apply(each, part);
  }
}

template <typename T>
Bytes octets_of_part(const T& part) {
  Bytes out;
  out.reserve(octets_usual);
  Writer to(out);
  write_part(to, part);
  return out;
}

/// Of exactly these octets.
template <typename T>
std::optional<T> part_of(ByteView octets) {
  T out{};
  Reader from(octets);
  read_part(from, out);
  return from.done() ? std::optional<T>(std::move(out)) : std::nullopt;
}

/// For T::parts(): members by reference, and what is made for the call (Flags, Counted, List) kept.
template <typename... Parts>
std::tuple<Parts...> parts_of(Parts&&... parts) {
  return std::tuple<Parts...>(std::forward<Parts>(parts)...);
}

/// Up to eight marks in an octet, the first in its lowest bit: bools, or enumerations of two.
template <typename... Marks>
class Flags {
 public:
  explicit Flags(Marks&... marks) : marks_(marks...) {}
  void write(Writer& to) const {
    unsigned octet = 0;
    unsigned bit = 1;
    std::apply([&](const auto&... mark) { ((octet |= static_cast<bool>(mark) ? bit : 0U, bit <<= 1U), ...); }, marks_);
    to.u8(static_cast<std::uint8_t>(octet));
  }
  void read(Reader& from) {
    unsigned octet = from.u8();
    const auto take = [&](auto& mark) {
      mark = static_cast<std::remove_reference_t<decltype(mark)>>(octet & 1U);
      octet >>= 1U;
    };
    std::apply([&](auto&... mark) { (take(mark), ...); }, marks_);
  }

 private:
  std::tuple<Marks&...> marks_;
};

/// Text or octets, their length as a varint before them.
template <typename T>
class Counted {
 public:
  Counted(T& of, std::size_t octets_max) : of_(of), octets_max_(octets_max) {}
  void write(Writer& to) const { to.counted(octets_of_part(of_)); }
  void read(Reader& from) {
    const ByteView octets = from.counted(octets_max_);
    of_.assign(octets.begin(), octets.end());
  }

 private:
  T& of_;
  std::size_t octets_max_;
};

/// How many there are as a varint, then each: a vector or a map.
template <typename T>
class List {
 public:
  explicit List(T& of, std::uint64_t count_max = ~std::uint64_t{0}) : of_(of), count_max_(count_max) {}
  void write(Writer& to) const {
    to.varint(of_.size());
    for (const auto& one : of_) write_part(to, one);
  }
  void read(Reader& from) {
    std::uint64_t left = from.varint();
    if (left > count_max_) from.refuse();
    for (; left > 0 && from.ok(); --left) {
      if constexpr (requires { of_.emplace_back(); }) {
        read_part(from, of_.emplace_back());
      } else {
        std::pair<typename T::key_type, typename T::mapped_type> one;
        read_part(from, one);
        of_.insert(std::move(one));
      }
    }
  }

 private:
  T& of_;
  std::uint64_t count_max_;
};

}  // namespace khuoi
