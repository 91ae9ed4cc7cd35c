#pragma once

#include <boost/json/fwd.hpp>

#include "node/web_server/message.h"

namespace khuoi::http {

/// {"error": code, "message": a sentence for people, in Vietnamese}. The codes are stable words, told in API.md.
Response problem(unsigned status, std::string_view code, std::string_view message);
/// With "wait": so many seconds, also as Retry-After.
Response problem_wait(std::uint64_t seconds);

/// What an Error of ours becomes: status and code by its kind, a sentence in Vietnamese by its kind, and, for what the
/// client itself sent, our own sentence as "detail" for whoever writes clients.
Response problem_of(const Error& error);

/// Of Errc::not_ready; pages and phones are told the same.
inline constexpr std::string_view no_health_yet =
    "Máy này chưa nhận phiếu sức khỏe: phải có cán bộ y tế dùng máy bằng câu mở khóa riêng, và xóm đã được xã chấp "
    "nhận. Phiếu cứ giữ lại, khi đủ thì gửi lại là được; không mất gì.";

Response json_response(const boost::json::value& value, unsigned status = 200);

}  // namespace khuoi::http

/// In a handler: names the value, or answers with the problem.
#define KHUOI_ANSWER_(result, decl, expr)                            \
  auto result = (expr);                                              \
  if (!(result)) return ::khuoi::http::problem_of((result).error()); \
  decl = std::move(*(result))
#define KHUOI_ANSWER(decl, expr) KHUOI_ANSWER_(KHUOI_JOIN(khuoi_answer_, __COUNTER__), decl, expr)
#define KHUOI_ANSWER_VOID_(result, expr) \
  if (auto result = (expr); !(result)) return ::khuoi::http::problem_of((result).error())
#define KHUOI_ANSWER_VOID(expr) KHUOI_ANSWER_VOID_(KHUOI_JOIN(khuoi_answer_, __COUNTER__), expr)
