#include "node/web_server/problem.h"

#include <array>
#include <boost/json.hpp>

namespace khuoi::http {

namespace json = boost::json;

namespace {

struct Told {
  Errc kind;
  unsigned status;
  std::string_view code;
  std::string_view message;
  bool detail = false;  ///< what was wrong is what the client sent: saying it gives nothing away
};

constexpr std::array<Told, 18> told = {{
    {Errc::malformed, 400, "malformed", "Dữ liệu gửi lên bị hỏng hoặc sai định dạng. Hãy gửi lại.", true},
    {Errc::usage, 400, "malformed", "Dữ liệu gửi lên chưa đúng. Hãy kiểm tra rồi gửi lại.", true},
    {Errc::too_large, 413, "too_large", "Tệp hoặc hồ sơ quá lớn. Hãy chọn tệp nhỏ hơn.", true},
    {Errc::unauthenticated, 403, "denied", "Không xác thực được nội dung này. Hãy xin lại từ nơi gửi."},
    {Errc::not_found, 404, "not_found", "Không tìm thấy."},
    {Errc::exists, 409, "exists", "Đã có rồi."},
    {Errc::locked, 403, "locked", "Máy đang khóa. Hãy mở khóa để xem."},
    {Errc::denied, 403, "denied", "Không được phép."},
    {Errc::conflict, 409, "conflict", "Đã có hồ sơ khác mang cùng mã này. Hãy mở lại biểu mẫu rồi gửi lại.", true},
    {Errc::store_full, 507, "full", "Bộ nhớ của máy gần đầy nên chưa nhận thêm được. Hồ sơ đã lưu vẫn an toàn."},
    {Errc::disk_full, 507, "full", "Ổ đĩa của máy đã đầy nên chưa nhận thêm được. Hồ sơ đã lưu vẫn an toàn."},
    {Errc::read_only, 500, "failed", "Máy không ghi được vào ổ đĩa. Hãy báo cán bộ kỹ thuật."},
    {Errc::io, 500, "failed", "Máy gặp lỗi khi đọc hoặc ghi. Hãy thử lại, nếu vẫn lỗi thì báo cán bộ kỹ thuật."},
    {Errc::damaged, 500, "failed", "Dữ liệu trong máy bị hỏng. Hãy báo cán bộ kỹ thuật."},
    {Errc::unsupported, 501, "unsupported", "Phiên bản này chưa hỗ trợ việc đó."},
    {Errc::busy, 503, "busy", "Máy đang bận. Hãy thử lại sau ít giây."},
    {Errc::closed, 503, "busy", "Máy đang khởi động lại. Hãy thử lại sau ít giây."},
    {Errc::not_ready, 503, "not_ready", no_health_yet},
}};

}  // namespace

Response json_response(const json::value& value, unsigned status) {
  Response out;
  out.status = status;
  out.body = json::serialize(value);
  return out;
}

Response problem(unsigned status, std::string_view code, std::string_view message) {
  return json_response(json::object{{"error", code}, {"message", message}}, status);
}

Response problem_wait(std::uint64_t seconds) {
  const std::string message = "Sai quá nhiều lần. Hãy chờ " + std::to_string(seconds) + " giây rồi thử lại.";
  Response out = json_response(json::object{{"error", "wait"}, {"message", message}, {"wait", seconds}}, 429);
  return std::move(out.with("Retry-After", std::to_string(seconds)));
}

Response problem_of(const Error& error) {
  for (const Told& one : told) {
    if (one.kind != error.code) continue;
    json::object body{{"error", one.code}, {"message", one.message}};
    if (one.detail) body["detail"] = error.what;
    return json_response(body, one.status);
  }
  return problem(500, "failed", "Máy gặp lỗi.");
}

}  // namespace khuoi::http
