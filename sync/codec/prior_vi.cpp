#include "sync/codec/prior.h"

namespace khuoi::sync {

std::string_view word_prior() {
  static constexpr std::string_view text = R"prior(Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc.
Nguyễn Văn Hùng, Nguyễn Thị Hương, Nguyễn Đức Thắng, Nguyễn Minh Tuấn, Nguyễn Ngọc Lan, Nguyễn Thị Thu Hà.
Trần Văn Nam, Trần Thị Hoa, Trần Quốc Khánh, Trần Thị Mai, Lê Văn Long, Lê Thị Hồng, Lê Minh Đức, Lê Thị Thảo.
Phạm Văn Bình, Phạm Thị Nga, Hoàng Văn Sơn, Hoàng Thị Liên, Hoàng Văn Quân, Vũ Thị Yến, Võ Văn An, Đặng Văn Phúc.
Nông Văn Tâm, Nông Thị Linh, Nông Đức Mạnh, Hà Văn Thành, Hà Thị Tuyết, Bế Thị Xuân, Bế Văn Kim, Đàm Văn Hiếu.
Lương Văn Chung, Lương Thị Dung, Lý Văn Páo, Lý Thị Mỷ, Lý Seo Dế, Triệu Văn Sáng, Triệu Thị Hiền, Lục Văn Dũng.
Giàng A Sùng, Giàng Thị Dợ, Vàng A Lử, Vàng Thị Mai, Sùng A Páo, Thào A Chứ, Thào Thị Sua, Mã Văn Thanh, Mã Thị Vân.
Lò Văn Thương, Lò Thị Chi, Quàng Văn Pản, Cà Văn Hặc, Vi Văn Lộc, Phùng Văn Giang, Dương Thị Bích, Dương Văn Khánh.
Bàn Văn Tài, Bàn Thị Hạnh, Chảo Láo Tả, Lù Thị Thủy, Ma Văn Huệ, Đinh Văn Phong, Ngô Thị Huyền, Bùi Văn Quang, Đỗ Thị Ngọc.
Hồ Thị Trang, Phan Văn Đạt, Tạ Thị Thoa, Cao Văn Toàn, Chu Thị Nhung, Trịnh Văn Cường, Mai Văn Vinh, Lâm Thị Oanh.
Dân tộc Kinh, Tày, Nùng, Mông, Dao, Thái, Mường, Hoa, Giáy, Lô Lô, Sán Chay, Sán Dìu, Cao Lan, Khơ Mú, Pà Thẻn, Ngái.
Giới tính nam, nữ. Quốc tịch Việt Nam. Tôn giáo không. Trình độ học vấn, nghề nghiệp làm ruộng, làm nương, công nhân, học sinh.
Xóm Bản Chương, xóm Nà Ca, xóm Khuổi Mèo, xóm Tân Lập, xóm Nà Lay, xóm Phú Cốc, xóm Bản Chấu, xóm Khuổi Chạo, xóm Khuổi Uốn.
Bản, thôn, xóm, xã, phường, huyện, tỉnh, thành phố. Tỉnh Thái Nguyên, Cao Bằng, Bắc Kạn, Lạng Sơn, Tuyên Quang, Hà Giang.
Hà Nội, Hải Phòng, Bắc Ninh, Bắc Giang, Lào Cai, Yên Bái, Sơn La, Điện Biên, Lai Châu, Quảng Ninh, Nghệ An, Đồng Nai, Bình Dương.
Ủy ban nhân dân xã, Hội đồng nhân dân, trưởng xóm, trưởng thôn, bí thư chi bộ, công an xã, cán bộ tư pháp, cán bộ địa chính.
Trung tâm phục vụ hành chính công xã. Bộ phận tiếp nhận và trả kết quả. Cán bộ tiếp nhận hồ sơ. Phiếu hẹn trả kết quả.
Họ và tên người nộp hồ sơ, số căn cước công dân, ngày cấp, nơi cấp, ngày tháng năm sinh, nơi sinh, quê quán, nơi cư trú.
Số điện thoại liên hệ, địa chỉ thường trú, địa chỉ tạm trú, nơi ở hiện tại, số định danh cá nhân, giấy tờ tùy thân.
Đăng ký khai sinh, đăng ký lại khai sinh, đăng ký khai tử, đăng ký kết hôn, đăng ký nhận cha mẹ con, đăng ký giám hộ.
Xác nhận tình trạng hôn nhân, chưa đăng ký kết hôn với ai, đã ly hôn, vợ hoặc chồng đã chết, cấp bản sao trích lục hộ tịch.
Đăng ký thường trú, đăng ký tạm trú, khai báo tạm vắng, tách hộ, xóa đăng ký thường trú, xác nhận thông tin về cư trú.
Chứng thực bản sao từ bản chính, chứng thực chữ ký, chứng thực hợp đồng, chứng thực di chúc, văn bản từ chối nhận di sản.
Công nhận hộ nghèo, hộ cận nghèo, hộ thoát nghèo, rà soát hộ nghèo hằng năm, hộ có hoàn cảnh khó khăn, hộ chính sách.
Trợ cấp xã hội hàng tháng, trợ giúp xã hội đột xuất, hỗ trợ chi phí mai táng, người cao tuổi, người khuyết tật, trẻ mồ côi.
Xác nhận nguồn gốc sử dụng đất, giấy chứng nhận quyền sử dụng đất, đất nông nghiệp, đất rừng sản xuất, đất ở, đất trồng lúa.
Biến động đất đai, chuyển nhượng, tặng cho, thừa kế quyền sử dụng đất, trích đo địa chính, thửa đất số, tờ bản đồ số, diện tích.
Giấy chứng sinh, giấy báo tử, giấy khai sinh, giấy chứng nhận kết hôn, giấy ủy quyền, giấy uỷ quyền, đơn xin, tờ khai, biên bản.
Bản sao, bản chính, bản chụp, ảnh chân dung, ảnh 3x4, ảnh 4x6, thẻ bảo hiểm y tế, sổ khám bệnh, sổ tiêm chủng, quyết định.
Quan hệ với người nộp: bản thân, cha mẹ, vợ chồng, con, anh chị em, ông bà, người được ủy quyền, người giám hộ, hàng xóm.
Hồ sơ mới, hồ sơ bổ sung, đang xử lý, chờ xác nhận, đã có kết quả, đã trả kết quả, từ chối, yêu cầu bổ sung giấy tờ.
Thiếu giấy tờ, đề nghị bổ sung bản sao căn cước của người làm chứng trong vòng mười ngày.
Người dân đề nghị trả kết quả tại nhà văn hóa xóm hoặc qua trưởng xóm.
Kết quả được gửi về xóm cùng với lịch họp, người nhận phải ký vào sổ.
Người nộp không biết chữ, cán bộ đã đọc lại toàn bộ nội dung và người nộp đồng ý điểm chỉ.
Đã đối chiếu bản chính với bản sao, thông tin khớp, không có tẩy xóa.
Ngày sinh trong giấy khai sinh khác với căn cước, cần đính chính trước khi làm thủ tục.
Tên đệm ghi sai, xin sửa lại cho đúng với giấy khai sinh của bố mẹ.
Chủ hộ đi làm xa, ủy quyền cho vợ nộp hồ sơ thay, có giấy viết tay kèm theo.
Con trai đang làm công nhân ở Bình Dương, đến Tết mới về nhà.
Vợ chồng tôi xin xác nhận để vay vốn ngân hàng chính sách xã hội.
Gia đình thuộc diện hộ nghèo, được miễn lệ phí theo quy định.
Gia đình đã nộp đủ giấy tờ từ tháng trước nhưng chưa nhận được kết quả.
Đường vào xóm bị sạt lở, xe máy không đi được, phải đi bộ qua suối mất hơn một giờ.
Nhà ở xa trung tâm xã, không có sóng điện thoại, nhờ trưởng xóm báo giúp khi có giấy hẹn.
Trời mưa to mấy ngày liền, nước suối dâng cao, chưa ra xã được.
Mất điện từ hôm qua, máy tính không dùng được, ghi tạm vào sổ rồi nhập sau.
Điện thoại hỏng, xin liên hệ qua con gái theo số ghi ở trên.
Nhà mới chuyển đến ở cạnh trường học, bên trái đường, có cổng sắt màu xanh.
Lệ phí đã nộp bằng tiền mặt, có biên lai. Chưa nộp lệ phí, hẹn nộp khi nhận kết quả.
Họp xóm vào tối thứ bảy tại nhà văn hóa, mỗi hộ cử một người đi họp, mang theo sổ tay.
Thông báo đến toàn thể bà con nhân dân trong xóm được biết và thực hiện.
Đề nghị bà con đến đúng giờ, mang theo căn cước và giấy tờ liên quan.
Đề nghị các hộ vệ sinh đường làng ngõ xóm, khơi thông cống rãnh, phát quang bụi rậm quanh nhà.
Đề nghị các hộ dọn dẹp chuồng trại, che chắn cho trâu bò khi trời rét đậm, rét hại.
Lịch tiêm chủng cho trẻ em, tiêm vắc-xin sởi, rubella, bại liệt, ho gà, uốn ván, viêm gan B, lao, bạch hầu.
Lịch khám sức khỏe định kỳ cho người cao tuổi tại trạm y tế xã vào sáng thứ năm.
Lịch cấp căn cước lưu động tại xóm, ai chưa có hoặc hết hạn thì ra làm.
Phát gạo hỗ trợ giáp hạt, mỗi nhân khẩu mười lăm ki-lô-gam, nhận tại nhà văn hóa.
Phun thuốc diệt muỗi phòng sốt xuất huyết, đề nghị đậy kín chum vại, bể nước và lật úp đồ phế thải.
Cảnh báo mưa lớn, lũ quét và sạt lở đất trong hai ngày tới, bà con không đi qua ngầm tràn, suối khi nước lên.
Các hộ ở chân đồi, ven suối chuẩn bị sẵn sàng di chuyển đến nơi an toàn khi có lệnh.
Cắt điện để sửa chữa đường dây từ bảy giờ sáng đến năm giờ chiều.
Xây dựng đường bê tông liên xóm, nhà nước hỗ trợ xi măng, bà con đóng góp ngày công và hiến đất.
Thu quỹ phòng chống thiên tai, quỹ đền ơn đáp nghĩa, thu tiền nước, tiền điện tháng này.
Tập huấn kỹ thuật trồng chè, chăn nuôi lợn, phòng chống dịch tả lợn châu Phi, tiêm phòng dại cho chó mèo.
Dịch bệnh trên gia súc, gia cầm: lở mồm long móng, tụ huyết trùng, cúm gia cầm, báo ngay cho thú y xã.
Bón phân, phun thuốc bảo vệ thực vật, thời gian cách ly, thu hái chè búp, lô chè, giống chè, sản lượng, làm cỏ, đốn chè, tưới nước.
Nhận qua loa, đến từng nhà, họp xóm, gọi điện thoại, nhắn tin. Mức khẩn: thường, khẩn, hỏa tốc, khẩn cấp.
Khám sức khỏe tại hộ, mạch, huyết áp, nhiệt độ, cân nặng, chiều cao, nhịp thở, triệu chứng, xử trí, ghi chú, chẩn đoán.
Không có gì bất thường. Sức khỏe bình thường. Ăn ngủ tốt. Không sốt, không ho. Đã uống thuốc đều.
Sốt nhẹ, sốt cao, sốt từ đêm qua, sốt ba ngày, sốt về chiều, sốt rét run, sốt 38 độ, 39 độ, 40 độ, đã uống hạ sốt nhưng không đỡ.
Trẻ sốt cao co giật, li bì, bỏ bú, quấy khóc nhiều, nôn tất cả mọi thứ, thở nhanh, rút lõm lồng ngực.
Ho khan, ho có đờm, ho ra máu, ho kéo dài trên hai tuần, khó thở, tức ngực, thở khò khè, đau họng, sổ mũi, nghẹt mũi.
Đau đầu, chóng mặt, hoa mắt, buồn nôn, nôn nhiều lần, mất ngủ, khó ngủ, hồi hộp, run tay, mệt mỏi, ăn kém, sụt cân.
Đau bụng, đầy bụng, tiêu chảy, đi ngoài nhiều lần, đi ngoài phân lỏng, phân có máu, có nhầy, táo bón, ợ chua, ợ hơi.
Đau lưng, đau khớp gối, đau vai gáy, tê chân tay, sưng khớp, đi lại khó khăn, bong gân, gãy xương, trật khớp.
Tiểu buốt, tiểu rắt, tiểu ra máu, tiểu nhiều, khát nước nhiều, phù chân, phù hai chân, phù mặt, sưng mặt.
Phát ban, ngứa, nổi mẩn đỏ, mụn nước ở tay chân miệng, ghẻ, nấm da, vết loét lâu lành, vết thương nhiễm trùng.
Mắt đỏ, đau mắt, ngứa mắt, chảy nước mắt, có ghèn, nhìn mờ, đục thủy tinh thể, đau tai, chảy mủ tai, nghe kém.
Đau răng, sâu răng, sưng lợi, sưng má, không ăn được, chảy máu chân răng, viêm lợi, viêm họng, viêm amidan.
Ngã xe máy, ngã từ trên cao, tai nạn giao thông, tai nạn lao động, bị dao cắt vào tay, bị bỏng nước sôi, điện giật.
Rắn cắn, ong đốt, chó cắn, ngộ độc nấm, ngộ độc thức ăn, ngộ độc rượu, uống nhầm thuốc trừ sâu.
Xây xát ngoài da ở tay và đầu gối bên phải, không chảy máu nhiều, còn tỉnh táo, không nôn.
Bệnh nhân tỉnh, tiếp xúc tốt, da niêm mạc hồng, tim đều, phổi thông khí tốt, bụng mềm, gan lách không to.
Tăng huyết áp, đái tháo đường, hen phế quản, viêm phổi, viêm phế quản, lao phổi, viêm dạ dày, suy tim, tai biến mạch máu não.
Sốt xuất huyết, sốt rét, tay chân miệng, thủy đậu, sởi, quai bị, cúm, bạch hầu, ho gà, viêm não, thương hàn, lỵ.
Cả nhà bốn người cùng bị, hàng xóm cũng có ba người mắc, nghi có dịch, đã báo trạm y tế.
Đo lại huyết áp sau một tuần, đo huyết áp sáng và chiều rồi ghi vào sổ, giảm ăn mặn, không uống rượu bia.
Cấp thuốc paracetamol 500mg, uống khi sốt trên 38,5 độ, cách nhau ít nhất sáu giờ.
Cấp thuốc amoxicillin, cefalexin, vitamin, sắt, kẽm, oresol, ORS, thuốc ho, thuốc nhỏ mắt, thuốc bôi ngoài da, thuốc hạ huyết áp.
Bù nước bằng oresol, cho uống từng ít một, tiếp tục cho bú mẹ, ăn cháo loãng, theo dõi tại nhà.
Uống thuốc theo đơn trong 5 ngày, 7 ngày, ngày hai lần, sau ăn, tái khám sau 3 ngày, hẹn khám lại tuần sau.
Rửa vết thương bằng nước muối sinh lý, sát khuẩn, băng ép, khâu, cắt chỉ, thay băng hằng ngày, tiêm phòng uốn ván.
Chườm ấm, lau người bằng khăn ấm, nới rộng quần áo, cho nằm nghiêng, không nhét gì vào miệng khi co giật.
Chuyển trạm y tế xã, chuyển bệnh viện huyện, chuyển bệnh viện tỉnh, gọi xe cấp cứu 115, gọi bác sĩ trực, báo người nhà.
Lấy mẫu đờm, lấy máu xét nghiệm, gửi mẫu lên tuyến trên, chụp X quang, siêu âm, điện tim, test nhanh âm tính, dương tính.
Tư vấn dinh dưỡng, tư vấn kế hoạch hóa gia đình, tư vấn nuôi con bằng sữa mẹ, tư vấn cai thuốc lá, ngủ màn, rửa tay bằng xà phòng.
Dặn người nhà theo dõi, nếu sốt cao, nôn nhiều hoặc khó thở thì đưa đi viện ngay.
Dặn quay lại ngay nếu đau tăng lên hoặc có dấu hiệu nguy hiểm.
Người bệnh không muốn đi viện, đã giải thích cho gia đình về nguy cơ và ghi vào sổ.
Thai phụ mang thai lần hai, thai 12 tuần, 20 tuần, 28 tuần, 32 tuần, 36 tuần, khám thai định kỳ, tim thai đều, thai máy tốt.
Ngày kinh cuối, ngày dự sinh, số lần khám thai, tiền sử sản khoa, tiêm uốn ván mũi hai, uống viên sắt và axit folic.
Ra máu âm đạo, đau bụng dưới, vỡ ối, phù nhẹ hai chân, nhức đầu, thai ít máy, chuyển dạ, sinh thường, mổ đẻ.
Trẻ sơ sinh nặng 3,1 kg, bú tốt, rốn khô, vàng da nhẹ, tiêm viêm gan B sơ sinh, tiêm lao, cân nặng theo tuổi, suy dinh dưỡng.
Tiêm mũi một, mũi hai, mũi ba, tiêm nhắc lại, hoãn tiêm vì đang sốt, phản ứng sau tiêm, sưng chỗ tiêm, số lô vắc-xin, hạn dùng.
Người cao tuổi sống một mình, đi lại khó khăn, cần người chăm sóc, đề nghị cấp xe lăn, kính lão, máy trợ thính.
Bệnh nhân tâm thần đang uống thuốc tại nhà, người nhà lĩnh thuốc thay hằng tháng ở trạm.
Khám từ xa qua màn hình, gửi ảnh vết thương, ảnh đơn thuốc cũ, ảnh phim chụp, xin ý kiến bác sĩ tuyến trên.
Ý kiến của bác sĩ, đơn thuốc, lời dặn, hẹn tái khám, kết luận, tiền sử bệnh, dị ứng thuốc, thuốc đang dùng.
Trường học, thầy cô giáo, học sinh nghỉ học, bếp ăn bán trú, nhà trẻ, mẫu giáo, tiểu học, trung học cơ sở.
Ban ngày, ban đêm, buổi sáng, buổi trưa, buổi chiều, buổi tối, hôm nay, hôm qua, ngày mai, tuần này, tuần trước, tháng sau, năm ngoái, cuối tháng.
Thứ hai, thứ ba, thứ tư, thứ năm, thứ sáu, thứ bảy, chủ nhật, một, hai, ba, bốn, năm, sáu, bảy, tám, chín, mười, nửa giờ, hai mươi phút.
Anh, chị, em, ông, bà, cô, chú, bác, cháu, bố, mẹ, con trai, con gái, vợ, chồng, cụ ông, cụ bà, bé trai, bé gái, người nhà, người khai.
Có, không, chưa, đã, đang, sẽ, được, bị, của, và, hoặc, nhưng, vì, nên, nếu, thì, khi, để, cho, với, từ, đến, trong, ngoài, trên, dưới, bên, tại, ở, về, qua, theo, cùng, còn, cũng, rất, nhiều, ít, hơn, nhất, này, đó, kia, ai, gì, nào, sao, bao nhiêu, bao giờ.
Đi, đến, về, ra, vào, lên, xuống, ăn, uống, ngủ, nói, nghe, nhìn, thấy, biết, hỏi, xin, nhờ, báo, gửi, nhận, mang, cầm, đưa, lấy, làm, viết, ký, đọc, học, mua, bán, trả, nộp, chờ, đợi, gặp, gọi, giúp, sửa, đổi, mất, tìm, thêm, bớt, mới, cũ, tốt, xấu, to, nhỏ, cao, thấp, xa, gần, nhanh, chậm, sớm, muộn, đúng, sai, đủ, thiếu, khó, dễ.
Nhà bị tốc mái sau trận lốc, cần hỗ trợ tấm lợp. Hai con trâu bị chết rét. Ruộng lúa bị ngập, mất trắng khoảng ba sào.
Cây đổ chắn ngang đường, đá lăn xuống mặt đường, cầu tạm bị nước cuốn trôi, cột điện nghiêng, dây điện đứt.
Trong xóm có người lạ đến rủ đi làm ở bên kia biên giới, đề nghị công an xã kiểm tra.
Có hai hộ mâu thuẫn về ranh giới đất, tổ hòa giải đã làm việc, hai bên thống nhất và ký biên bản.
Gia đình xin tách hộ cho con trai đã lấy vợ, có nhà ở riêng trên đất của bố mẹ.
Cháu bé sinh tại nhà, có y tế thôn bản đỡ đẻ, chưa có giấy chứng sinh, có hai người làm chứng.
Bố cháu không có mặt, mẹ cháu tự khai, chưa đăng ký kết hôn, phần ghi về cha để trống.
Người mất do tuổi già, mất tại nhà, có xác nhận của trưởng xóm, mai táng theo phong tục địa phương.
Xin cấp lại thẻ bảo hiểm y tế bị mất, thẻ bị rách, thẻ hết hạn, thẻ ghi sai ngày sinh.
Xin xác nhận đơn đi làm, đơn xin việc, sơ yếu lý lịch, giấy giới thiệu, đơn xin miễn giảm học phí.
Số nhân khẩu trong hộ, số lao động chính, thu nhập bình quân đầu người một tháng, nhà kiên cố, nhà tạm, nguồn nước, nhà vệ sinh hợp vệ sinh.
Ti vi, xe máy, điện thoại, tủ lạnh, trâu, bò, lợn, gà, dê, ruộng, nương, rừng, ao cá, vườn chè, cây keo, cây hồi, cây quế, cây sắn, cây ngô.
)prior";
  return text;
}

}  // namespace khuoi::sync
