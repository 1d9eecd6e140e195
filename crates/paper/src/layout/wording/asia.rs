//! The words in Chinese, Korean and Japanese.

use std::borrow::Cow::Borrowed;

use super::Wording;

/// Chinese in simplified letters.
pub(super) const SIMPLIFIED: Wording = Wording {
    any: Borrowed("可投票选择任意多项"),
    continued: Borrowed("下一栏或下一页继续"),
    again: Borrowed("续"),
    date: Borrowed("{year}年{month}月{day}日"),
    end: Borrowed("选票结束"),
    fill: Borrowed("请将您的选择左侧的椭圆完全涂黑，如图所示。"),
    mistake: Borrowed("如果填错，请索取一张新选票。"),
    months: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
    next_sheet: Borrowed("请继续填写第{sheet}张"),
    numbers: built!(["一", "两", "三", "四", "五", "六", "七", "八", "九", "十"]),
    one: Borrowed("选一项"),
    page: Borrowed("第{page}页，共{pages}页"),
    proof: Borrowed("校样"),
    rank: Borrowed(
        "最多排列{count}项。每一列最多涂黑一个椭圆：第1列为您的第一选择，第2列为第二选择，依此类推。",
    ),
    ranks: built!(["第1", "第2", "第3", "第4", "第5", "第6", "第7", "第8", "第9", "第10"]),
    sample: Borrowed("样本"),
    style: Borrowed("选票样式 {style}"),
    test: Borrowed("测试"),
    turn: Borrowed("请翻到选票背面"),
    up_to: Borrowed("最多选{count}项"),
    write_in: Borrowed("或填写姓名："),
    write_in_how: Borrowed("如要投票给未列出的人，请将空白横线旁的椭圆涂黑，并在横线上写下姓名。"),
};

/// Chinese in traditional letters.
pub(super) const TRADITIONAL: Wording = Wording {
    any: Borrowed("可投票選擇任意多項"),
    continued: Borrowed("下一欄或下一頁繼續"),
    again: Borrowed("續"),
    date: Borrowed("{year}年{month}月{day}日"),
    end: Borrowed("選票結束"),
    fill: Borrowed("請將您的選擇左側的橢圓完全塗黑，如圖所示。"),
    mistake: Borrowed("如果填錯，請索取一張新選票。"),
    months: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
    next_sheet: Borrowed("請繼續填寫第{sheet}張"),
    numbers: built!(["一", "兩", "三", "四", "五", "六", "七", "八", "九", "十"]),
    one: Borrowed("選一項"),
    page: Borrowed("第{page}頁，共{pages}頁"),
    proof: Borrowed("校樣"),
    rank: Borrowed(
        "最多排列{count}項。每一欄最多塗黑一個橢圓：第1欄為您的第一選擇，第2欄為第二選擇，依此類推。",
    ),
    ranks: built!(["第1", "第2", "第3", "第4", "第5", "第6", "第7", "第8", "第9", "第10"]),
    sample: Borrowed("樣本"),
    style: Borrowed("選票樣式 {style}"),
    test: Borrowed("測試"),
    turn: Borrowed("請翻到選票背面"),
    up_to: Borrowed("最多選{count}項"),
    write_in: Borrowed("或填寫姓名："),
    write_in_how: Borrowed("如要投票給未列出的人，請將空白橫線旁的橢圓塗黑，並在橫線上寫下姓名。"),
};

/// Korean.
pub(super) const KOREAN: Wording = Wording {
    any: Borrowed("원하는 만큼 선택하십시오"),
    continued: Borrowed("다음 단 또는 다음 페이지에 계속"),
    again: Borrowed("계속"),
    date: Borrowed("{year}년 {month}월 {day}일"),
    end: Borrowed("투표용지 끝"),
    fill: Borrowed("선택하는 항목 왼쪽의 타원을 이와 같이 완전히 칠하십시오."),
    mistake: Borrowed("잘못 표시한 경우 새 투표용지를 요청하십시오."),
    months: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
    next_sheet: Borrowed("{sheet}번째 용지에 계속"),
    numbers: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
    one: Borrowed("하나만 선택하십시오"),
    page: Borrowed("{pages}페이지 중 {page}페이지"),
    proof: Borrowed("교정쇄"),
    rank: Borrowed(
        "최대 {count}순위까지 정하십시오. 각 열에서 타원을 하나만 칠하십시오. 첫 번째 선택은 1순위, 두 번째 선택은 2순위, 이하 같은 \
         방식입니다.",
    ),
    ranks: built!([
        "1순위", "2순위", "3순위", "4순위", "5순위", "6순위", "7순위", "8순위", "9순위", "10순위"
    ]),
    sample: Borrowed("견본"),
    style: Borrowed("투표용지 유형 {style}"),
    test: Borrowed("시험용"),
    turn: Borrowed("투표용지를 뒤집으십시오"),
    up_to: Borrowed("최대 {count}명(개)까지 선택하십시오"),
    write_in: Borrowed("또는 이름을 쓰십시오:"),
    write_in_how: Borrowed(
        "목록에 없는 사람에게 투표하려면 빈 줄 옆의 타원을 칠하고 그 줄에 이름을 쓰십시오.",
    ),
};

/// Japanese.
pub(super) const JAPANESE: Wording = Wording {
    any: Borrowed("いくつでも選べます"),
    continued: Borrowed("次の欄または次のページに続く"),
    again: Borrowed("続き"),
    date: Borrowed("{year}年{month}月{day}日"),
    end: Borrowed("投票用紙の終わり"),
    fill: Borrowed("選ぶものの左側の楕円を、このように完全に塗りつぶしてください。"),
    mistake: Borrowed("間違えた場合は、新しい投票用紙をお求めください。"),
    months: built!(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
    next_sheet: Borrowed("{sheet}枚目に続く"),
    numbers: built!(["一つ", "二つ", "三つ", "四つ", "五つ", "六つ", "七つ", "八つ", "九つ", "十"]),
    one: Borrowed("一つ選んでください"),
    page: Borrowed("{pages}ページ中{page}ページ"),
    proof: Borrowed("校正刷り"),
    rank: Borrowed(
        "{count}まで順位を付けられます。各列で塗りつぶす楕円は一つまでです。最も望むものは1位、次は2位、以下同様です。",
    ),
    ranks: built!(["1位", "2位", "3位", "4位", "5位", "6位", "7位", "8位", "9位", "10位"]),
    sample: Borrowed("見本"),
    style: Borrowed("投票用紙の種類 {style}"),
    test: Borrowed("試験用"),
    turn: Borrowed("投票用紙を裏返してください"),
    up_to: Borrowed("{count}まで選べます"),
    write_in: Borrowed("または名前を書いてください："),
    write_in_how: Borrowed(
        "記載のない人に投票するには、空白の線の横の楕円を塗りつぶし、線の上に名前を書いてください。",
    ),
};
