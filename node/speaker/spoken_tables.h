#pragma once

#include <array>
#include <string_view>

namespace khuoi::speaker {

struct Spoken {
  std::string_view written;
  std::string_view said;
};

/// Capital letters that stand for words, as a commune's papers write them. What stands for several things (TT, CA) is
/// left out: letters spelled are better than wrong words.
inline constexpr std::array abbreviations = std::to_array<Spoken>({
    {"ANTQ", "an ninh tổ quốc"}, {"ANTT", "an ninh trật tự"}, {"ATGT", "an toàn giao thông"},
    {"ATTP", "an toàn thực phẩm"}, {"BCA", "bộ công an"}, {"BCĐ", "ban chỉ đạo"}, {"BCH", "ban chấp hành"},
    {"BHTN", "bảo hiểm thất nghiệp"}, {"BHXH", "bảo hiểm xã hội"}, {"BHYT", "bảo hiểm y tế"}, {"BNV", "bộ nội vụ"},
    {"BQL", "ban quản lý"}, {"BS", "bác sĩ"}, {"BTC", "bộ tài chính"}, {"BTP", "bộ tư pháp"},
    {"BTTTT", "bộ thông tin và truyền thông"}, {"BV", "bệnh viện"}, {"BVTV", "bảo vệ thực vật"}, {"BYT", "bộ y tế"},
    {"CBCNV", "cán bộ công nhân viên"}, {"CCB", "cựu chiến binh"}, {"CCCD", "căn cước công dân"},
    {"CLB", "câu lạc bộ"}, {"CMND", "chứng minh nhân dân"}, {"CP", "chính phủ"}, {"CSGT", "cảnh sát giao thông"},
    {"CSXH", "chính sách xã hội"}, {"CT", "chỉ thị"}, {"CTMTQG", "chương trình mục tiêu quốc gia"},
    {"ĐBKK", "đặc biệt khó khăn"}, {"ĐKKH", "đăng ký kết hôn"}, {"ĐKKS", "đăng ký khai sinh"},
    {"ĐT", "điện thoại"}, {"ĐTDĐ", "điện thoại di động"}, {"ĐTN", "đoàn thanh niên"}, {"DQTV", "dân quân tự vệ"},
    {"DTTS", "dân tộc thiểu số"}, {"ĐVT", "đơn vị tính"}, {"GCN", "giấy chứng nhận"}, {"GD", "giáo dục"},
    {"GDĐT", "giáo dục và đào tạo"}, {"GPLX", "giấy phép lái xe"}, {"GTNT", "giao thông nông thôn"},
    {"GV", "giáo viên"}, {"HCTĐ", "hội chữ thập đỏ"}, {"HĐND", "hội đồng nhân dân"}, {"HGĐ", "hộ gia đình"}, {"HLHPN", "hội liên hiệp phụ nữ"}, {"HND", "hội nông dân"},
    {"HPN", "hội phụ nữ"}, {"HS", "học sinh"}, {"HSSV", "học sinh sinh viên"}, {"HTX", "hợp tác xã"},
    {"KCB", "khám chữa bệnh"}, {"KH", "kế hoạch"}, {"KHHGĐ", "kế hoạch hóa gia đình"}, {"KT", "kinh tế"},
    {"KTXH", "kinh tế xã hội"}, {"LĐTBXH", "lao động thương binh và xã hội"}, {"LĐLĐ", "liên đoàn lao động"},
    {"MN", "mầm non"}, {"MTTQ", "mặt trận tổ quốc"}, {"MTTQVN", "mặt trận tổ quốc việt nam"}, {"NCT", "người cao tuổi"},
    {"NĐ", "nghị định"}, {"NHCSXH", "ngân hàng chính sách xã hội"}, {"NKT", "người khuyết tật"},
    {"NN", "nông nghiệp"}, {"NNPTNT", "nông nghiệp và phát triển nông thôn"}, {"NQ", "nghị quyết"},
    {"NSNN", "ngân sách nhà nước"}, {"NTM", "nông thôn mới"}, {"NVH", "nhà văn hóa"}, {"PCCC", "phòng cháy chữa cháy"},
    {"PCCCR", "phòng cháy chữa cháy rừng"}, {"PCTT", "phòng chống thiên tai"}, {"PTDTBT", "phổ thông dân tộc bán trú"},
    {"PTDTNT", "phổ thông dân tộc nội trú"}, {"PTNT", "phát triển nông thôn"}, {"QĐ", "quyết định"},
    {"QH", "quốc hội"}, {"QSDĐ", "quyền sử dụng đất"}, {"SĐT", "số điện thoại"}, {"SKSS", "sức khỏe sinh sản"},
    {"SX", "sản xuất"}, {"SXKD", "sản xuất kinh doanh"}, {"TB", "thông báo"}, {"TDP", "tổ dân phố"},
    {"TDTT", "thể dục thể thao"}, {"TH", "tiểu học"}, {"THA", "thi hành án"}, {"THCS", "trung học cơ sở"},
    {"THPT", "trung học phổ thông"}, {"TKCN", "tìm kiếm cứu nạn"}, {"TNCS", "thanh niên cộng sản"},
    {"TNMT", "tài nguyên và môi trường"}, {"TNTP", "thiếu niên tiền phong"}, {"TP", "thành phố"},
    {"TPHCM", "thành phố hồ chí minh"}, {"TTHC", "thủ tục hành chính"},
    {"TTHTCĐ", "trung tâm học tập cộng đồng"}, {"TTYT", "trung tâm y tế"}, {"TTg", "thủ tướng chính phủ"},
    {"TW", "trung ương"}, {"TƯ", "trung ương"}, {"TX", "thị xã"}, {"TYT", "trạm y tế"}, {"ThS", "thạc sĩ"},
    {"UBMTTQ", "ủy ban mặt trận tổ quốc"}, {"UBND", "ủy ban nhân dân"}, {"VBQPPL", "văn bản quy phạm pháp luật"},
    {"VH", "văn hóa"}, {"VHTT", "văn hóa thông tin"}, {"VN", "việt nam"}, {"VND", "đồng"}, {"VNĐ", "đồng"},
    {"VNEID", "vi en e ai đi"}, {"VNeID", "vi en e ai đi"}, {"VPHC", "vi phạm hành chính"},
    {"VSATTP", "vệ sinh an toàn thực phẩm"}, {"VSMT", "vệ sinh môi trường"}, {"WC", "nhà vệ sinh"},
    {"XĐGN", "xóa đói giảm nghèo"}, {"XH", "xã hội"}, {"XHCN", "xã hội chủ nghĩa"}, {"YT", "y tế"},
    {"YTTB", "y tế thôn bản"},
});

/// Short forms with signs inside, whatever their case.
inline constexpr std::array short_forms = std::to_array<Spoken>({
    {"v.v...", "vân vân"}, {"v.v..", "vân vân"}, {"v.v.", "vân vân"}, {"v.v", "vân vân"},
    {"đ/c", "đồng chí"},   {"tt&tt", "thông tin và truyền thông"},
});

/// After a number, longest first where one begins another.
inline constexpr std::array units = std::to_array<Spoken>({
    {"km²", "ki lô mét vuông"}, {"km2", "ki lô mét vuông"}, {"km", "ki lô mét"}, {"kWh", "ki lô oát giờ"},
    {"kWp", "ki lô oát pích"}, {"kW", "ki lô oát"}, {"kw", "ki lô oát"}, {"kV", "ki lô vôn"}, {"kg", "ki lô gam"},
    {"Kg", "ki lô gam"}, {"KG", "ki lô gam"}, {"cm²", "xen ti mét vuông"}, {"cm2", "xen ti mét vuông"},
    {"cm", "xen ti mét"}, {"mmHg", "mi li mét thủy ngân"}, {"mm", "mi li mét"}, {"ml", "mi li lít"},
    {"mL", "mi li lít"}, {"mg", "mi li gam"}, {"m²", "mét vuông"}, {"m2", "mét vuông"}, {"m³", "mét khối"},
    {"m3", "mét khối"}, {"m", "mét"}, {"ha", "héc ta"}, {"Ha", "héc ta"}, {"HA", "héc ta"}, {"g", "gam"},
    {"lít", "lít"}, {"l", "lít"}, {"L", "lít"}, {"°C", "độ xê"}, {"ºC", "độ xê"}, {"oC", "độ xê"}, {"°", "độ"},
    {"MB", "mê ga bai"}, {"GB", "gi ga bai"}, {"V", "vôn"}, {"W", "oát"}, {"%", "phần trăm"}, {"‰", "phần nghìn"},
    {"VNĐ", "đồng"}, {"vnđ", "đồng"}, {"VND", "đồng"}, {"đ", "đồng"}, {"₫", "đồng"}, {"k", "nghìn"}, {"K", "nghìn"},
    {"tr", "triệu"}, {"h", "giờ"}, {"'", "phút"}, {"ph", "phút"}, {"s", "giây"},
});

/// How letters are called when they are spelled.
inline constexpr std::array letter_names = std::to_array<Spoken>({
    {"a", "a"}, {"ă", "á"}, {"â", "ớ"}, {"b", "bê"}, {"c", "xê"}, {"d", "dê"}, {"đ", "đê"}, {"e", "e"}, {"ê", "ê"},
    {"f", "ép"}, {"g", "giê"}, {"h", "hát"}, {"i", "i"}, {"j", "gi"}, {"k", "ca"}, {"l", "lờ"}, {"m", "mờ"},
    {"n", "nờ"}, {"o", "o"}, {"ô", "ô"}, {"ơ", "ơ"}, {"p", "pê"}, {"q", "quy"}, {"r", "rờ"}, {"s", "sờ"},
    {"t", "tê"}, {"u", "u"}, {"ư", "ư"}, {"v", "vê"}, {"w", "vê kép"}, {"x", "ích"}, {"y", "i dài"}, {"z", "dét"},
});

/// Words after which a number with a slash is a date, not a fraction.
inline constexpr std::array date_words = std::to_array<std::string_view>(
    {"ngày", "sáng", "trưa", "chiều", "tối", "đêm", "từ", "đến", "hôm", "mùng", "mồng", "nay", "mai", "trước", "sau",
     "hai", "ba", "tư", "năm", "sáu", "bảy", "nhật", "vào", "tới", "qua", "lễ", "hết", "dịp"});
/// Days that everybody knows by their numbers.
inline constexpr std::array known_days =
    std::to_array<std::string_view>({"3/2", "8/3", "1/5", "1/6", "2/9", "6/1", "9/1", "7/5"});
/// Words after which letters are a Roman numeral.
inline constexpr std::array roman_words = std::to_array<std::string_view>(
    {"thứ", "khóa", "khoá", "kỳ", "lần", "quý", "chương", "hội", "hạng", "loại", "nhóm", "vùng", "vực", "đoạn", "cấp",
     "phần", "mục", "thế", "kỷ", "bậc", "độ", "họp"});
/// After these a long number is said digit by digit.
inline constexpr std::array number_words_before =
    std::to_array<std::string_view>({"số", "thoại", "mã", "dân", "gọi", "máy", "khoản", "hotline", "zalo", "tel"});

}  // namespace khuoi::speaker
