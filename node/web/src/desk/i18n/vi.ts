// The words of the commune's desk; what a hamlet's pages say otherwise is said anew here.
import { viDossier } from './vi_dossier';
import { viInbox } from './vi_inbox';
import { viOffice } from './vi_office';

const viDesk = {
  'app.offline': 'Không gặp được máy của xã. Hãy xem máy này còn nối mạng của xã không.',
  'app.login': 'Đăng nhập',
  'login.title': 'Đăng nhập',
  'login.who': 'Chọn tên của mình',
  'login.lost': 'Quên câu mở khóa? Nhờ người quản trị đặt câu mới ở trang Tài khoản.',
  'lock.title': 'Khóa máy của xã?',

  'rail.label': 'Các trang',
  'rail.today': 'Việc hôm nay',
  'rail.today.short': 'Hôm nay',
  'rail.dossiers': 'Hồ sơ',
  'rail.accounts': 'Tài khoản',
  'rail.audit': 'Nhật ký',

  'role.clerk': 'một cửa',
  'role.health': 'y tế',
  'role.broadcaster': 'loa truyền thanh',
  'role.administrator': 'quản trị',
  'role.none_reads': 'Tài khoản này không có quyền xem hồ sơ. Người quản trị cấp quyền ở trang Tài khoản.',
  'role.administrators_only': 'Trang này chỉ dành cho người quản trị.',

  'weekday.0': 'Chủ nhật',
  'weekday.1': 'Thứ hai',
  'weekday.2': 'Thứ ba',
  'weekday.3': 'Thứ tư',
  'weekday.4': 'Thứ năm',
  'weekday.5': 'Thứ sáu',
  'weekday.6': 'Thứ bảy',
  'day.form': 'ngày/tháng/năm',
  'day.wrong': 'Ngày này không có. Hãy viết như 31/12/2026.',

  'today.calm': 'Không có hồ sơ nào chờ việc: chưa có hồ sơ mới, không hồ sơ nào đến hạn.',
  'today.pin': 'Chưa có mã PIN, nên lần nào vào cũng phải gõ cả câu mở khóa.',
  'today.silent': 'Xóm lâu chưa gửi gì',
  'today.silent.days': '{hamlet} chưa gửi gì {n} ngày',
  'today.silent.never': '{hamlet} chưa gửi gì lần nào',
  'today.silent.none': 'Xóm nào cũng vừa gửi tin về.',
  'today.box': 'Máy của xã',
  'today.backup': 'Sao lưu gần nhất: {when}',
  'today.backup.old': '(đã {n} ngày, hãy sao lưu lại)',
  'today.backup.never': 'Chưa sao lưu lần nào. Ổ đĩa hỏng là mất hồ sơ.',
  'today.requests': '{n} xóm xin ghi tên, đang chờ xã chấp nhận',

  'keys.title': 'Phím tắt',
  'keys.everywhere': 'Danh sách',
  'keys.moves': 'Hồ sơ đang mở',
  'keys.rows': 'xuống, lên một hồ sơ',
  'keys.open': 'mở hồ sơ đang chọn',
  'keys.search': 'tới ô tìm',
  'keys.close': 'đóng lại',
  'keys.confirm': 'đồng ý',
  'keys.letters': 'Dùng phím một chữ',
  'keys.typing': 'Khi đang gõ chữ trong một ô thì các phím này không có tác dụng.',
} as const;

export const vi = { ...viDesk, ...viInbox, ...viDossier, ...viOffice } as const;

declare module '../../shared/i18n' {
  interface Words extends Record<keyof typeof vi, string> {}
}
