// The words of a hamlet's pages. Vietnamese is the language of the product; en.ts must have the same keys (the compiler checks).
// {name} is a value put in. Words of states: the one-stop system's ten, see states.ts.
import { viFilling } from './vi_filling';
import { viKeeping } from './vi_keeping';
import { viRadio } from './vi_radio';
import { viService } from './vi_service';

const viShell = {
  'app.listen': 'Nghe đọc',
  'app.listen_stop': 'Ngừng đọc',
  'app.listen_failed': 'Máy chưa đọc được câu này.',

  'time.slot.noon.today': 'trưa nay, {clock}',
  'time.slot.noon.tomorrow': 'trưa mai, {clock}',
  'time.slot.afternoon.today': 'chiều nay, {clock}',
  'time.slot.afternoon.tomorrow': 'chiều mai, {clock}',
  'time.slot.later': '{clock}, ngày {date}',
  'time.weekday.0': 'Chủ nhật',
  'time.weekday.1': 'Thứ hai',
  'time.weekday.2': 'Thứ ba',
  'time.weekday.3': 'Thứ tư',
  'time.weekday.4': 'Thứ năm',
  'time.weekday.5': 'Thứ sáu',
  'time.weekday.6': 'Thứ bảy',

  'home.title': 'Quầy của xóm {name}',
  'home.greeting': 'Bà con cần việc gì?',
  'home.new': 'Làm hồ sơ mới',
  'home.new.hint': 'Khai sinh, bản sao, cư trú…',
  'home.dossiers': 'Xem hồ sơ',
  'home.dossiers.hint': 'Hồ sơ đã tới đâu',
  'home.health': 'Sức khỏe',
  'home.health.hint': 'Khám, tiêm, thai sản',
  'home.announcements': 'Loa của xóm',
  'home.announcements.hint': 'Thông báo sẽ phát',
  'home.locked': 'cần mở khóa',
  'home.badge.answers': '{n} câu trả lời mới',
  'home.badge.due': '{n} việc đến hạn',
  'home.badge.unplayed': '{n} chưa phát',
  'home.drafts': 'Đang làm dở',
  'home.drafts.go_on': 'Làm tiếp',
  'home.drafts.saved': 'Lưu {when}',
  'home.drafts.delete': 'Bỏ bản làm dở này?',
  'home.more': 'Việc khác',
  'home.store_full': 'Máy sắp đầy ({percent} %). Hãy báo cán bộ kỹ thuật.',
  'home.request': 'Xóm chưa được xã chấp nhận. Hồ sơ vẫn làm được, và chờ ở đây.',
  'home.grant.go': 'Xem và nhận',
  'home.request.go': 'Ghi tên xóm với xã',

  'sync.waiting': '{n} việc đang chờ gửi về xã',
  'sync.waiting_none': 'Mọi việc đã về tới xã',
  'sync.waiting_nothing': 'Chưa có việc nào chờ gửi đi',
  'sync.heard': 'Nhận tin của xã {when}, qua {by}',
  'sync.heard_never': 'Chưa lần nào nhận được tin của xã',
  'sync.by.stick': 'USB',
  'sync.by.fiber': 'cáp quang',
  'sync.by.radio': 'sóng radio',
  'sync.fiber.up': 'Cáp quang đang thông',
  'sync.fiber.down': 'Cáp quang đang đứt',
  'sync.radio.up': 'Sóng radio đang thông',
  'sync.radio.down': 'Sóng radio đang đứt',
  'sync.link.up': 'Đường {kind} đang thông',
  'sync.link.down': 'Đường {kind} đang đứt',

  'login.domain.general': 'hồ sơ',
  'login.domain.health': 'sức khỏe',

  'setup.title': 'Bắt đầu dùng máy của xóm',
  'setup.welcome': 'Máy này giữ giấy tờ của xóm và chuyển về xã, bằng USB hay cáp quang. Làm ba bước là dùng được ngay.',
  'setup.step': 'Bước {n}/{of}',
  'setup.begin': 'Bắt đầu',
  'setup.name': 'Tên xóm',
  'setup.name.hint': 'Ví dụ: Khuổi Mèo',
  'setup.person': 'Tên người giữ máy',
  'setup.person.hint': 'Ví dụ: Triệu Văn Sìu, trưởng xóm',
  'setup.next': 'Tiếp',
  'setup.phrase': 'Câu mở khóa',
  'setup.phrase.protects':
    'Câu này giữ kín giấy tờ của bà con. Ai lấy trộm máy mà không biết câu này thì không đọc được gì.',
  'setup.phrase.lost': 'Nếu quên: khi xã đã chấp nhận xóm, xã giúp mở lại được. Trước đó thì không ai mở được.',
  'setup.make': 'Tạo máy của xóm',
  'setup.making': 'Đang tạo, mất chừng mười giây…',
  'setup.pin': 'Mã PIN dùng hằng ngày',
  'setup.pin.why': 'Vài số để mở nhanh trong ngày. Khi máy mất điện rồi bật lại thì phải dùng câu mở khóa.',
  'setup.pin.later': 'Để sau',
  'setup.stale': 'Máy này vừa được đặt tên và tạo xong từ một thiết bị khác. Ở đây không phải làm nữa.',
  'setup.stale.go': 'Vào trang đầu',
} as const;

export const vi = { ...viShell, ...viFilling, ...viKeeping, ...viRadio, ...viService } as const;

declare module '../../shared/i18n' {
  interface Words extends Record<keyof typeof vi, string> {}
}
