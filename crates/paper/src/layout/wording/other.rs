//! The words in Vietnamese, Tagalog, Arabic and Hindi.

use std::borrow::Cow::Borrowed;

use super::Wording;

/// Vietnamese.
pub(super) const VIETNAMESE: Wording = Wording {
    any: Borrowed("Bỏ phiếu cho bao nhiêu lựa chọn tùy ý"),
    continued: Borrowed("Xem tiếp ở cột hoặc trang kế tiếp"),
    again: Borrowed("tiếp theo"),
    date: Borrowed("ngày {day} {month}, {year}"),
    end: Borrowed("Hết lá phiếu"),
    fill: Borrowed("Tô kín hình bầu dục, như hình này, ở bên trái lựa chọn của quý vị."),
    mistake: Borrowed("Nếu quý vị tô nhầm, hãy xin một lá phiếu mới."),
    months: built!([
        "tháng 1",
        "tháng 2",
        "tháng 3",
        "tháng 4",
        "tháng 5",
        "tháng 6",
        "tháng 7",
        "tháng 8",
        "tháng 9",
        "tháng 10",
        "tháng 11",
        "tháng 12"
    ]),
    next_sheet: Borrowed("Xem tiếp ở tờ số {sheet}"),
    numbers: built!(["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]),
    one: Borrowed("Bỏ phiếu cho một"),
    page: Borrowed("Trang {page} trên {pages}"),
    proof: Borrowed("BẢN IN THỬ"),
    rank: Borrowed(
        "Xếp hạng tối đa {count}. Trong mỗi cột, chỉ tô kín nhiều nhất một hình bầu dục: thứ \
         1 cho lựa chọn thứ nhất, thứ 2 cho lựa chọn thứ hai, và tiếp tục như vậy.",
    ),
    ranks: built!([
        "thứ 1", "thứ 2", "thứ 3", "thứ 4", "thứ 5", "thứ 6", "thứ 7", "thứ 8", "thứ 9", "thứ 10"
    ]),
    sample: Borrowed("PHIẾU MẪU"),
    style: Borrowed("Loại lá phiếu {style}"),
    test: Borrowed("THỬ NGHIỆM"),
    turn: Borrowed("Lật sang mặt sau lá phiếu"),
    up_to: Borrowed("Bỏ phiếu cho tối đa {count}"),
    write_in: Borrowed("Hoặc viết một tên:"),
    write_in_how: Borrowed(
        "Để bỏ phiếu cho một người không có tên trong danh sách, tô kín hình bầu dục cạnh \
         dòng trống và viết tên người đó vào dòng ấy.",
    ),
};

/// Tagalog.
pub(super) const TAGALOG: Wording = Wording {
    any: Borrowed("Bumoto para sa kahit ilan na gusto ninyo"),
    continued: Borrowed("Ipinagpapatuloy sa susunod na hanay o pahina"),
    again: Borrowed("karugtong"),
    date: Borrowed("{month} {day}, {year}"),
    end: Borrowed("Katapusan ng balota"),
    fill: Borrowed("Punan nang buo ang bilohaba, tulad nito, sa kaliwa ng inyong pinili."),
    mistake: Borrowed("Kung magkamali kayo, humingi ng bagong balota."),
    months: built!([
        "Enero",
        "Pebrero",
        "Marso",
        "Abril",
        "Mayo",
        "Hunyo",
        "Hulyo",
        "Agosto",
        "Setyembre",
        "Oktubre",
        "Nobyembre",
        "Disyembre"
    ]),
    next_sheet: Borrowed("Magpatuloy sa pilyego {sheet}"),
    numbers: built!([
        "isa", "dalawa", "tatlo", "apat", "lima", "anim", "pito", "walo", "siyam", "sampu"
    ]),
    one: Borrowed("Bumoto para sa isa"),
    page: Borrowed("Pahina {page} ng {pages}"),
    proof: Borrowed("PROBA"),
    rank: Borrowed(
        "Iranggo ang hanggang {count}. Sa bawat hanay, punan ang hindi hihigit sa isang \
         bilohaba: ika-1 para sa una ninyong pinili, ika-2 para sa ikalawa, at iba pa.",
    ),
    ranks: built!([
        "ika-1", "ika-2", "ika-3", "ika-4", "ika-5", "ika-6", "ika-7", "ika-8", "ika-9", "ika-10"
    ]),
    sample: Borrowed("HALIMBAWA"),
    style: Borrowed("Uri ng balota {style}"),
    test: Borrowed("PAGSUBOK"),
    turn: Borrowed("Baligtarin ang balota"),
    up_to: Borrowed("Bumoto para sa hanggang {count}"),
    write_in: Borrowed("O isulat ang pangalan:"),
    write_in_how: Borrowed(
        "Upang bumoto para sa taong wala sa listahan, punan ang bilohaba sa tabi ng linyang \
         walang laman at isulat doon ang pangalan.",
    ),
};

/// Arabic.
pub(super) const ARABIC: Wording = Wording {
    any: Borrowed("صوّت لأي عدد تريده"),
    continued: Borrowed("يتبع في العمود التالي أو الصفحة التالية"),
    again: Borrowed("تتمة"),
    date: Borrowed("{day} {month} {year}"),
    end: Borrowed("نهاية ورقة الاقتراع"),
    fill: Borrowed("املأ الشكل البيضوي بالكامل، كما هو مبين، إلى يسار اختيارك."),
    mistake: Borrowed("إذا أخطأت، فاطلب ورقة اقتراع جديدة."),
    months: built!([
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر"
    ]),
    next_sheet: Borrowed("تابع في الورقة {sheet}"),
    numbers: built!([
        "واحد",
        "اثنين",
        "ثلاثة",
        "أربعة",
        "خمسة",
        "ستة",
        "سبعة",
        "ثمانية",
        "تسعة",
        "عشرة"
    ]),
    one: Borrowed("صوّت لواحد فقط"),
    page: Borrowed("الصفحة {page} من {pages}"),
    proof: Borrowed("مسودة طباعة"),
    rank: Borrowed(
        "رتّب ما يصل إلى {count}. املأ في كل عمود شكلًا بيضويًا واحدًا على الأكثر: 1 \
         لاختيارك الأول، و2 لاختيارك الثاني، وهكذا.",
    ),
    ranks: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
    sample: Borrowed("نموذج"),
    style: Borrowed("نوع ورقة الاقتراع {style}"),
    test: Borrowed("اختبار"),
    turn: Borrowed("اقلب ورقة الاقتراع"),
    up_to: Borrowed("صوّت لما يصل إلى {count}"),
    write_in: Borrowed("أو اكتب اسمًا:"),
    write_in_how: Borrowed(
        "للتصويت لشخص غير مدرج في القائمة، املأ الشكل البيضوي بجانب سطر فارغ واكتب الاسم \
         عليه.",
    ),
};

/// Hindi.
pub(super) const HINDI: Wording = Wording {
    any: Borrowed("आप जितनों को चाहें, वोट दें"),
    continued: Borrowed("अगले कॉलम या अगले पृष्ठ पर जारी"),
    again: Borrowed("जारी"),
    date: Borrowed("{day} {month} {year}"),
    end: Borrowed("मतपत्र समाप्त"),
    fill: Borrowed("अपनी पसंद के बाईं ओर के अंडाकार को, इस तरह, पूरा भरें।"),
    mistake: Borrowed("गलती होने पर नया मतपत्र माँगें।"),
    months: built!([
        "जनवरी",
        "फ़रवरी",
        "मार्च",
        "अप्रैल",
        "मई",
        "जून",
        "जुलाई",
        "अगस्त",
        "सितंबर",
        "अक्टूबर",
        "नवंबर",
        "दिसंबर"
    ]),
    next_sheet: Borrowed("पत्रक {sheet} पर जारी रखें"),
    numbers: built!(["एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस"]),
    one: Borrowed("एक को वोट दें"),
    page: Borrowed("पृष्ठ {pages} में से {page}"),
    proof: Borrowed("प्रूफ़"),
    rank: Borrowed(
        "अधिकतम {count} को क्रम दें। हर कॉलम में अधिकतम एक अंडाकार भरें: अपनी पहली पसंद के \
         लिए 1, दूसरी के लिए 2, और इसी तरह।",
    ),
    ranks: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
    sample: Borrowed("नमूना"),
    style: Borrowed("मतपत्र प्रकार {style}"),
    test: Borrowed("परीक्षण"),
    turn: Borrowed("मतपत्र पलटें"),
    up_to: Borrowed("अधिकतम {count} को वोट दें"),
    write_in: Borrowed("या नाम लिखें:"),
    write_in_how: Borrowed(
        "जिसका नाम सूची में नहीं है उसे वोट देने के लिए, खाली रेखा के पास का अंडाकार भरें और \
         उस पर नाम लिखें।",
    ),
};
