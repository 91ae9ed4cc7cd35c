#include "sync/seal/passphrase.h"

namespace khuoi::sync {

namespace {

// Sorted without their marks. A word may be added, never removed or respelt: a phrase all of whose words are here is
// hashed without its marks.
// clang-format off
constexpr std::string_view words[] = {
    "âm", "an", "bạc", "bãi", "bạn", "bảng", "bánh", "báo", "bắp", "bát", "bầu", "bay", "bên", "bèo", "bếp", "bia",
    "biếc", "biển", "biết", "bình", "bò", "bơi", "bốn", "bóng", "bột", "búa", "bụi", "bún", "bụng", "bước", "buồm",
    "buôn", "búp", "bút", "cá", "cách", "cải", "cam", "cân", "cảng", "canh", "cao", "cát", "cầu", "cày", "chai",
    "chăn", "chặng", "chanh", "chào", "chật", "chạy", "chè", "chén", "chèo", "chép", "chỉ", "chìa", "chiếc",
    "chiều", "chín", "chợ", "chơi", "chọn", "chong", "chóp", "chữ", "chứa", "chúc", "chum", "chung", "chuối",
    "chuông", "chuyện", "coi", "cốm", "công", "cua", "cúc", "cung", "cười", "cuốn", "cương", "cừu", "dáng", "đất",
    "dầu", "dày", "đêm", "đen", "dép", "dệt", "đi", "dịch", "điểm", "diều", "dinh", "dịu", "đoàn", "dọc", "dọn",
    "dòng", "dừa", "dùng", "đuốc", "dưới", "dượng", "duyên", "ếch", "én", "ga", "gấc", "gạch", "gai", "gang",
    "gánh", "gạo", "gấp", "gặt", "gấu", "ghế", "ghép", "ghi", "ghim", "giá", "giấc", "giải", "giàn", "giấy",
    "giếng", "gieo", "gió", "giỏi", "giòn", "giong", "giữ", "giữa", "giường", "giúp", "gỗ", "gốc", "gối", "gọn",
    "góp", "gửi", "gừng", "gương", "hạc", "hai", "hàng", "hành", "hát", "hay", "hè", "hẹn", "heo", "hẹp", "hiền",
    "hiểu", "hình", "họ", "hoa", "hoạch", "hoàn", "hoàng", "học", "hỏi", "hòm", "hơn", "hồng", "họp", "huệ",
    "hương", "hươu", "huy", "huyện", "im", "in", "kè", "kem", "kén", "kênh", "keo", "kết", "khách", "khăn", "khâu",
    "khay", "khen", "khéo", "khía", "khiên", "kho", "khoai", "khoan", "khoang", "khoe", "khói", "khớp", "khúc",
    "khung", "khuôn", "khuya", "khuyên", "kiếm", "kiến", "kiểu", "kìm", "kín", "kính", "kịp", "lá", "lại", "làm",
    "lan", "làng", "lạnh", "lầu", "lấy", "lê", "lên", "lều", "lịch", "liềm", "liền", "liễu", "linh", "loa", "loài",
    "loan", "lọc", "lối", "lòng", "lớp", "lúa", "luật", "lúc", "lưng", "lưới", "luôn", "lượt", "lúp", "lưu",
    "luyện", "mạch", "mai", "mặn", "mang", "mát", "màu", "máy", "mềm", "mía", "miền", "miệng", "minh", "mít", "miu",
    "mo", "mọc", "món", "một", "mũ", "múa", "muối", "muôn", "muống", "mướp", "mứt", "na", "nai", "nam", "nan",
    "nắng", "nấu", "nem", "nền", "neo", "nếp", "ngắm", "ngàn", "ngang", "ngành", "ngao", "ngày", "nghe", "nghêu",
    "nghĩ", "nghĩa", "nghiên", "nghìn", "ngõ", "ngoài", "ngoan", "ngọc", "ngói", "ngọn", "ngỗng", "ngọt", "ngựa",
    "người", "nguồn", "nguyên", "nguyệt", "nhà", "nhạc", "nhãn", "nhành", "nhảy", "nhẹ", "nhện", "nhiều", "nhím",
    "nhìn", "nhịp", "nho", "nhóm", "nhộng", "nhựa", "nhung", "nhuộm", "nhường", "niềm", "niên", "niêu", "nói",
    "nón", "nửa", "núi", "núm", "nước", "nuôi", "nướng", "ơn", "ong", "ớt", "phẳng", "phao", "phên", "phép", "phía",
    "phiên", "phiếu", "phím", "phin", "phố", "phơi", "phòng", "phúc", "phun", "phước", "phương", "phút", "qua",
    "quai", "quan", "quặng", "quanh", "quạt", "quay", "quê", "quen", "quét", "quốc", "quyền", "quýt", "ra", "rằm",
    "rắn", "rạng", "rảnh", "rào", "rạp", "rau", "rẻ", "rèm", "rèn", "riêng", "riêu", "rìu", "rổ", "rơm", "rộng",
    "rùa", "rừng", "ruốc", "rưỡi", "ruộng", "sắc", "sách", "sâm", "sắn", "sàng", "sao", "sắt", "sáu", "sấy", "sẻ",
    "sen", "sét", "sếu", "siêng", "siêu", "sim", "sinh", "soi", "son", "song", "sửa", "sưởi", "sườn", "sương",
    "suốt", "tai", "tám", "tầng", "tạnh", "tảo", "tay", "tem", "teo", "tép", "tết", "thả", "thác", "thạch", "thảm",
    "tháng", "thanh", "thảo", "tháp", "thẻ", "thêm", "then", "theo", "thép", "thêu", "thìa", "thích", "thiếc",
    "thiên", "thỏ", "thoáng", "thóc", "thơm", "thôn", "thông", "thu", "thưa", "thuận", "thuật", "thức", "thuê",
    "thúng", "thuở", "thuốc", "thương", "thuyền", "tỉa", "tích", "tiệc", "tiên", "tiếng", "tiếp", "tiêu", "tím",
    "tin", "tỉnh", "to", "toán", "tóc", "tỏi", "tôn", "tốt", "trà", "trái", "trạm", "tràng", "trao", "trâu", "trên",
    "triển", "trình", "trội", "tròn", "trọng", "trụ", "trưa", "trước", "trường", "truyền", "tủ", "tua", "tuần",
    "túi", "tung", "tuổi", "tuồng", "tuyến", "tuyết", "ủng", "ước", "uống", "vạch", "vai", "vạn", "vàng", "vành",
    "vào", "vật", "vay", "vé", "việc", "viên", "viết", "vịnh", "vịt", "vỏ", "vòi", "vòm", "vốn", "vòng", "vừa",
    "vui", "vùng", "vườn", "vượt", "xăng", "xanh", "xào", "xay", "xe", "xem", "xẻng", "xếp", "xiếc", "xin", "xoài",
    "xoan", "xoay", "xôi", "xóm", "xông", "xoong", "xốp", "xưa", "xuân", "xuồng", "xuyên", "yên", "yêu",
};
// clang-format on
static_assert(std::size(words) >= 512);  // 9 bits a word

}  // namespace

std::span<const std::string_view> phrase_words() { return words; }

}  // namespace khuoi::sync
