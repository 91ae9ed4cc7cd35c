// The words of the commune's desk.
export const vi = {
  'commune.title': 'Máy của xã {name}',
  'commune.what': 'Trang làm việc của xã chưa có ở bản này. Máy vẫn nhận hồ sơ của các xóm. Cán bộ xã làm việc bằng lệnh.',
  'commune.commands': 'Các lệnh hay dùng',
  'commune.list': 'Hồ sơ các xóm gửi về',
  'commune.show': 'Xem một hồ sơ',
  'commune.state': 'Trả lời một hồ sơ',
  'commune.announce': 'Gửi thông báo tới loa các xóm',
  'commune.document': 'Gửi công văn',
  'commune.message': 'Nhắn tin cho một xóm',
  'commune.form': 'Thêm mẫu đơn',
  'commune.enrol': 'Chấp nhận một xóm',
  'commune.stick': 'Nhận và chép USB',
  'commune.status': 'Xem tình hình của máy',
  'commune.help': 'Tất cả các lệnh:',
} as const;

declare module '../../shared/i18n' {
  interface Words extends Record<keyof typeof vi, string> {}
}
