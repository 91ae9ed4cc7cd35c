#include "node/openrosa/answer.h"

#include <algorithm>
#include <array>

#include "node/web_server/problem.h"
#include "sync/base/nfc.h"

namespace khuoi::openrosa {

namespace {

struct Told {
  unsigned status;
  std::string_view message;
};

constexpr std::array<Told, 12> told = {{
    {400,
     "Phiếu gửi lên bị hỏng hoặc thiếu phần nên máy chưa nhận. Hãy gửi lại; nếu vẫn lỗi, mở phiếu ra kiểm tra, "
     "lưu rồi gửi lần nữa."},
    {401, "Sai tên hoặc mật khẩu của điện thoại. Hãy quét lại mã QR lấy ở trang Điện thoại của máy khuổi."},
    {403,
     "Máy này không nhận phiếu gửi như vậy. Hãy gửi từ ODK Collect tới máy khuổi của xóm: quét lại mã QR ở máy đó."},
    {404,
     "Máy này không có biểu mẫu đó. Hãy lấy lại biểu mẫu trống; nếu vẫn không có, nhờ xã gửi biểu mẫu về. Phiếu "
     "đã điền cứ giữ trong điện thoại."},
    {405, "Máy không nhận cách yêu cầu này. Hãy quét lại mã QR để đặt lại địa chỉ máy chủ."},
    {409, "Máy đã có một phiếu khác mang cùng mã này. Hãy điền lại vào một phiếu mới rồi gửi."},
    {413, "Phiếu hoặc tệp quá lớn: mỗi tệp nhiều nhất 2 GiB. Hãy chụp ảnh cỡ nhỏ hơn hoặc bớt tệp rồi gửi lại."},
    {421, "Địa chỉ máy chủ trong điện thoại không phải của máy khuổi. Hãy quét lại mã QR."},
    {501, "Phiên bản này chưa hỗ trợ việc đó. Hãy báo cán bộ kỹ thuật."},
    {503, "Máy đang bận. Hãy gửi lại sau ít phút; phiếu vẫn còn trong điện thoại."},
    {507, "Bộ nhớ của máy gần đầy nên chưa nhận thêm được. Hãy giữ phiếu trong điện thoại và báo cán bộ kỹ thuật."},
    {500, "Máy gặp lỗi nên chưa nhận. Hãy gửi lại; nếu vẫn lỗi thì báo cán bộ kỹ thuật."},
}};

std::string message_for(const http::Response& response) {
  if (!response.told.empty()) return response.told;
  if (response.status == 429) {
    std::string seconds = "ít";
    for (const auto& [name, value] : response.headers) {
      if (name == "Retry-After") seconds = value;
    }
    return "Sai mật khẩu quá nhiều lần. Hãy chờ " + seconds + " giây rồi quét lại mã QR hoặc thử lại.";
  }
  const bool not_ready = response.status == 503 && response.body.find("\"not_ready\"") != std::string::npos;
  if (not_ready) return std::string(http::no_health_yet);
  const auto one = std::ranges::find(told, response.status, &Told::status);
  return std::string(one == told.end() ? told.back().message : one->message);
}

}  // namespace

std::string xml_text(std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  const bool utf8 = sync::is_utf8(view_of(text));
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const std::string_view three = text.substr(i, 3);
    const bool noncharacter = three == "\xef\xbf\xbe" || three == "\xef\xbf\xbf";
    const bool control = octet < 0x20 && octet != '\t' && octet != '\n' && octet != '\r';
    if (control || noncharacter || (octet >= 0x80 && !utf8)) {
      out += replacement;
      if (noncharacter && utf8) i += 2;
    } else if (octet == '&') {
      out += "&amp;";
    } else if (octet == '<') {
      out += "&lt;";
    } else if (octet == '>') {
      out += "&gt;";
    } else if (octet == '"') {
      out += "&quot;";
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

http::Response message_response(unsigned status, std::string_view message) {
  return http::text_response(status,
                             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                             "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\"><message>" +
                                 xml_text(message) + "</message></OpenRosaResponse>\n",
                             "text/xml; charset=utf-8");
}

http::Response dressed(http::Response response) {
  if (response.status >= 400) {
    http::Response out = message_response(response.status, message_for(response));
    out.headers = std::move(response.headers);
    response = std::move(out);
  }
  response.with("X-OpenRosa-Version", "1.0");
  return response;
}

}  // namespace khuoi::openrosa
