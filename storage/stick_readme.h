#pragma once

#include <string_view>

namespace khuoi::storage {

/// README.txt in KHUOI/: for whoever finds the stick, on whatever machine; CR LF and a byte order mark for the oldest
/// of them.
inline constexpr std::string_view stick_readme =
    "\xEF\xBB\xBF"
    "Khuổi\r\n"
    "\r\n"
    "USB này chuyển hồ sơ giữa các xóm và Ủy ban nhân dân xã.\r\n"
    "Hồ sơ trong thư mục KHUOI đã được mã hóa: không ai đọc được trên đường đi.\r\n"
    "Nếu nhặt được, xin gửi lại Ủy ban nhân dân xã hoặc trưởng xóm gần nhất.\r\n"
    "Xin đừng xóa, đổi tên hay sửa các tệp trong thư mục này. Cảm ơn!\r\n"
    "\r\n"
    "This stick carries paperwork between the hamlets and the People's Committee of the commune.\r\n"
    "The dossiers in the folder KHUOI are encrypted: nobody can read them on the way.\r\n"
    "If you found it, please hand it to the commune's office or to the nearest head of hamlet.\r\n"
    "Please do not delete, rename or change the files in this folder. Thank you!\r\n";

}  // namespace khuoi::storage
