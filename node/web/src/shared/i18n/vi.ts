// Words that every page has, a hamlet's and a commune's. A site may say one of them otherwise, in its own words.
import { viDossiers } from './vi_dossiers';
import { viPeople } from './vi_people';

const viShell = {
  'app.loading': 'Đang mở…',
  'app.home': 'Trang đầu',
  'app.language': 'English',
  'app.retry': 'Thử lại',
  'app.offline': 'Không gặp được máy của xóm. Hãy xem điện thoại còn nối Wi-Fi của xóm không.',
  'app.failed': 'Có lỗi, chưa làm được. Hãy thử lại.',
  'app.wait': 'Hãy đợi {seconds} giây rồi thử lại.',
  'app.skip': 'Tới nội dung chính',
  'sync.stick.working': 'USB: {percent} %, đừng rút',
  'sync.stick.safe': 'USB: rút được rồi',
  'sync.stick.failed': 'USB chưa xong. Rút ra được.',
  'sync.stick.failed.pulled': 'USB chưa xong. Hãy cắm lại.',
  'sync.stick.foreign.pull': 'USB lạ. Rút ra được.',
  'sync.stick.foreign.any': 'USB này của nơi khác, không dùng được ở đây',
  'sync.stick.why.other': 'Cắm lại, hoặc dùng USB khác. Không mất gì',
  'sync.stick.foreign': 'USB này không phải của xã {commune}, không dùng được ở đây',
  'sync.stick.for': 'USB của {commune}',
  'sync.stick.why.read_only': 'USB khóa ghi, hoặc không cho máy ghi: đã nhận tin mang đến, chưa chép được gì lên. Mở khóa ghi, hoặc dùng USB khác',
  'sync.stick.why.disk_full': 'USB đầy: dọn bớt, hoặc dùng USB khác. Không mất gì',
  'sync.stick.why.box_full': 'Ổ đĩa của máy đã đầy nên chưa nhận được tin trên USB; tin của xóm đã chép lên USB. USB không hỏng. Báo cán bộ kỹ thuật',
  'sync.stick.why.box_read_only': 'Ổ đĩa của máy không ghi được nữa nên chưa nhận được tin trên USB; tin của xóm đã chép lên USB. USB không hỏng. Báo cán bộ kỹ thuật ngay',
  'sync.stick.why.box_io': 'Ổ đĩa của máy bị lỗi nên chưa nhận được tin trên USB. USB không hỏng. Báo cán bộ kỹ thuật ngay',
  'sync.stick.why.damaged': 'Một phần trên USB bị hỏng: phần lành đã nhận, phần hỏng sẽ được gửi lại',
  'sync.stick.why.io': 'USB đọc hoặc ghi bị lỗi: cắm lại, hoặc dùng USB khác. Không mất gì',
  'sync.stick.why.pulled': 'USB bị rút sớm: cắm lại. Không mất gì',
  'sync.stick.why.file_system': 'USB này định dạng kiểu máy không dùng: định dạng lại FAT32 hoặc exFAT, hoặc dùng USB khác',
  'sync.stick.why.unsafe_mount': 'USB đang mở theo cách không an toàn: rút ra rồi cắm lại, hoặc nhờ cán bộ kỹ thuật xem',
  'sync.stick.why.mount_denied': 'Máy chưa được phép mở USB: nhờ cán bộ kỹ thuật xem lại',
  'sync.stick.why.mount_failed': 'Không mở được USB: nhờ kiểm tra trên máy tính, hoặc dùng USB khác',
  'version.line': 'khuoi {version}',
} as const;

export const vi = { ...viShell, ...viPeople, ...viDossiers } as const;
