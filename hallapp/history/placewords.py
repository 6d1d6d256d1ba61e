"""The words of places that no table of divisions has: abbreviations, older and traditional names, regions."""

#: Abbreviations of divisions, each with its code.
ABBREVIATIONS = (
    "京110000 津120000 冀130000 晋140000 蒙150000 内蒙150000 辽210000 吉220000 黑230000 沪310000 申310000 苏320000"
    " 浙330000 皖340000 闽350000 赣360000 鲁370000 豫410000 鄂420000 湘430000 粤440000 桂450000 琼460000 渝500000"
    " 川510000 蜀510000 贵520000 黔520000 云530000 滇530000 藏540000 陕610000 秦610000 甘620000 陇620000 青630000"
    " 宁640000 新650000 台710000 港810000 澳820000"
)
OTHER_NAMES = (
    "香港特区810000 澳门特区820000 中国香港810000 中国澳门820000 中国台湾710000 hksar810000 hk810000 hongkong810000"
    " macau820000 macao820000 aomen820000 xianggang810000 tw710000 taibei710000 台北710000 台北市710000"
    " 新北市710000 台中710000 台中市710000 台南710000 台南市710000 高雄710000 高雄市710000 桃园市710000 新竹710000"
    " 嘉义710000 基隆710000 花莲710000 屏东710000"
    " neimenggu150000 innermongolia150000 neimongol150000 nmg150000 xizang540000 shanxisheng140000 shaanxisheng610000"
    " lvliang141100 新疆生产建设兵团650000 新疆建设兵团650000 新疆兵团650000"
    " 襄樊420600 襄樊市420600 思茅530800 思茅市530800 莱芜市370100 崇文区110000 宣武区110000 闸北区310000 卢湾区310000"
    " 南汇区310000 东山区440100 芳村区440100"
)
#: Names in common use for several places, each with the codes of all of them; the tables have one of them, or none.
#: The letters are the initials of a province and of another one, or of a city, beside the ISO code of the first.
SHARED = (
    "新北:710000,320400 巴州:652800,511900 hn:430000,410000,460000 hb:420000,130000 sx:140000,610000"
    " gz:520000,440100 chaoyang:110000,211300,220100 baoshan:310000,530500"
)
OVERSEAS = (
    "海外 国外 外国 外国友人 外籍 外宾 境外国家 国际 其他国家 美利坚 英 美 usa us uk america greatbritain"
    " england scotland korea overseas abroad foreign foreigner foreigners international othercountries"
    " uae 阿联酋 阿拉伯联合酋长国 沙特 波黑 老挝 南韩 北韩 苏联 欧洲 非洲 美洲 北美 南美 大洋洲 东南亚"
    " europe africa asia"
)
UNKNOWN = "未说明 不详 不明 未知 未填 无 不清楚 未登记 notstated unknown na none"
#: Texts that name no particular place.
GENERAL = (
    "中国 全国 国内 内地 大陆 本国 各地 全国各地 多地 外地 本地 当地 本省 本市 本区 本县 外省 外市 外省市 省内 市内"
    " 省外 市外 区外 县外 国内其他 省内其他 外来 异地 周边 其他 其它 其余 等 等地 及其他 other others china"
    " elsewhere local"
    " domestic mainland otherprovinces"
)
#: Names of several divisions together, most of them made of their abbreviations.
REGIONS = (
    "华北:京津冀晋蒙 东北:辽吉黑 东三省:辽吉黑 华东:沪苏浙皖闽赣鲁 华中:豫鄂湘 华南:粤桂琼 西南:渝川贵云藏"
    " 西北:陕甘青宁新 江浙:苏浙 江浙沪:苏浙沪 长三角:沪苏浙皖 珠三角:粤 大湾区:粤港澳 粤港澳大湾区:粤港澳 两广:粤桂"
    " 两湖:鄂湘 港澳台:台港澳 台胞:台 台商:台 台湾同胞:台 港胞:港 澳胞:澳 港澳同胞:港澳 港澳台同胞:台港澳"
    " 兵团:新 建设兵团:新 生产建设兵团:新"
)
#: Known names that still lead to a question: short names of counties that are also everyday words (beside their
#: province they are places), and 境外, which officially includes Hong Kong, Macao and Taiwan.
ASKED = (
    "公安 平安 大方 东方 解放 红旗 振兴 港口 海港 友好 前进 东风 光明 工农 爱民 平房 城区 郊区 矿区 市中 城中 市北 市南"
    " 城东 城西 城北 城关 新建 九龙 民乐 境外"
)
TRADITIONAL = str.maketrans(
    "臺灣廣東門蘇遼寧龍雲貴陝內肅慶縣區瀋陽濟鄭漢長瀾連蘭銀烏魯齊爾濱義興溫紹蕪湖蚌馬鞍銅陵贛撫饒萊煙濰臨聊澤開鶴許駕荊孝黃岡鹹隨婁懷衡韶關頭韓揭賓樂瀘綿遂達資遵順畢麗滄楚紅維圖國際鳳亞"
    "嶺島揚鎮錫鹽廬鷹棗莊營頂鄉駐嶽張潁欽賀來瓊涼壩節騰薩則寶雞鷄瑪錦盤鐵蘆雙鴨綏華澠諸暨嵊處邢滿裡牽邊圳務運勝與為單員團籍陰無絳雅",
    "台湾广东门苏辽宁龙云贵陕内肃庆县区沈阳济郑汉长澜连兰银乌鲁齐尔滨义兴温绍芜湖蚌马鞍铜陵赣抚饶莱烟潍临聊泽开鹤许驾荆孝黄冈咸随娄怀衡韶关头韩揭宾乐泸绵遂达资遵顺毕丽沧楚红维图国际凤亚"
    "岭岛扬镇锡盐庐鹰枣庄营顶乡驻岳张颍钦贺来琼凉坝节腾萨则宝鸡鸡玛锦盘铁芦双鸭绥华渑诸暨嵊处邢满里牵边圳务运胜与为单员团籍阴无绛雅",
)
