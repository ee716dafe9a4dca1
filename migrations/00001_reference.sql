-- +goose Up
-- Reference data: codes and names that rules and forms rely on. Numbers that a law or a bureau may change carry valid_from.

CREATE TABLE submarkets (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO submarkets (code, name, position) VALUES
  ('electronics', '电子信息', 1),
  ('biomedicine', '生物医药大健康', 2),
  ('equipment', '先进装备制造', 3),
  ('food', '绿色食品', 4),
  ('materials', '先进材料', 5);

CREATE TABLE fields (
  code text PRIMARY KEY,
  submarket text NOT NULL REFERENCES submarkets (code),
  name text NOT NULL UNIQUE,
  position int NOT NULL,
  UNIQUE (code, submarket)
);
INSERT INTO fields (code, submarket, name, position) VALUES
  ('led', 'electronics', '半导体照明（LED）', 1),
  ('terminal', 'electronics', '通讯终端及传输设备', 2),
  ('touch', 'electronics', '触控显示', 3),
  ('pcb', 'electronics', '电子线路板', 4),
  ('av', 'electronics', '数字视听与电子元器件', 5),
  ('tcm', 'biomedicine', '中医药', 6),
  ('device', 'biomedicine', '医疗器械与设备', 7),
  ('biochem', 'biomedicine', '生物制品和化学药', 8),
  ('health', 'biomedicine', '大健康', 9),
  ('cnc', 'equipment', '数控机床', 10),
  ('smart', 'equipment', '电子信息装备及其他装备', 11),
  ('power', 'equipment', '电线电缆、输配电及控制设备', 12),
  ('auto', 'equipment', '汽车配件', 13),
  ('parts', 'equipment', '基础件元器件', 14),
  ('grain', 'food', '粮油与酒', 15),
  ('livestock', 'food', '畜禽', 16),
  ('produce', 'food', '果蔬', 17),
  ('tea', 'food', '制茶', 18),
  ('dairy', 'food', '乳制品及饮料', 19),
  ('safety', 'food', '食品安全', 20),
  ('nonferrous', 'materials', '有色金属先进材料', 21),
  ('silicon', 'materials', '先进硅基及玻璃材料', 22),
  ('film', 'materials', '先进膜材料', 23),
  ('calcium', 'materials', '碳酸钙先进材料', 24),
  ('resin', 'materials', '林化香料', 25),
  ('building', 'materials', '新型建材及墙体材料', 26),
  ('frontier', 'materials', '前沿先进材料', 27);

-- Division codes of GB/T 2260. kind county: the 13 county-level units of Ji'an; elsewhere: partner regions.
CREATE TABLE regions (
  code char(6) PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('city', 'county', 'prefecture', 'province')),
  in_city boolean NOT NULL,
  position int NOT NULL
);
INSERT INTO regions (code, name, kind, in_city, position) VALUES
  ('360802', '吉州区', 'county', true, 1), ('360803', '青原区', 'county', true, 2),
  ('360821', '吉安县', 'county', true, 3), ('360822', '吉水县', 'county', true, 4),
  ('360823', '峡江县', 'county', true, 5), ('360824', '新干县', 'county', true, 6),
  ('360825', '永丰县', 'county', true, 7), ('360826', '泰和县', 'county', true, 8),
  ('360827', '遂川县', 'county', true, 9), ('360828', '万安县', 'county', true, 10),
  ('360829', '安福县', 'county', true, 11), ('360830', '永新县', 'county', true, 12),
  ('360881', '井冈山市', 'county', true, 13),
  ('360800', '吉安市', 'city', true, 14),
  ('360100', '南昌市', 'prefecture', false, 21), ('360200', '景德镇市', 'prefecture', false, 22),
  ('360300', '萍乡市', 'prefecture', false, 23), ('360400', '九江市', 'prefecture', false, 24),
  ('360500', '新余市', 'prefecture', false, 25), ('360600', '鹰潭市', 'prefecture', false, 26),
  ('360700', '赣州市', 'prefecture', false, 27), ('360900', '宜春市', 'prefecture', false, 28),
  ('361000', '抚州市', 'prefecture', false, 29), ('361100', '上饶市', 'prefecture', false, 30),
  ('110000', '北京市', 'province', false, 41), ('120000', '天津市', 'province', false, 42),
  ('130000', '河北省', 'province', false, 43), ('140000', '山西省', 'province', false, 44),
  ('150000', '内蒙古自治区', 'province', false, 45), ('210000', '辽宁省', 'province', false, 46),
  ('220000', '吉林省', 'province', false, 47), ('230000', '黑龙江省', 'province', false, 48),
  ('310000', '上海市', 'province', false, 49), ('320000', '江苏省', 'province', false, 50),
  ('330000', '浙江省', 'province', false, 51), ('340000', '安徽省', 'province', false, 52),
  ('350000', '福建省', 'province', false, 53), ('370000', '山东省', 'province', false, 54),
  ('410000', '河南省', 'province', false, 55), ('420000', '湖北省', 'province', false, 56),
  ('430000', '湖南省', 'province', false, 57), ('440000', '广东省', 'province', false, 58),
  ('450000', '广西壮族自治区', 'province', false, 59), ('460000', '海南省', 'province', false, 60),
  ('500000', '重庆市', 'province', false, 61), ('510000', '四川省', 'province', false, 62),
  ('520000', '贵州省', 'province', false, 63), ('530000', '云南省', 'province', false, 64),
  ('540000', '西藏自治区', 'province', false, 65), ('610000', '陕西省', 'province', false, 66),
  ('620000', '甘肃省', 'province', false, 67), ('630000', '青海省', 'province', false, 68),
  ('640000', '宁夏回族自治区', 'province', false, 69), ('650000', '新疆维吾尔自治区', 'province', false, 70);

-- Zones have no GB/T 2260 code; they are kept apart from the county so that county totals add up.
CREATE TABLE parks (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO parks (code, name, position) VALUES
  ('jgs-etdz', '井冈山经开区', 1),
  ('jian-htz', '吉安高新区', 2),
  ('jgs-ahtz', '井冈山农高区', 3),
  ('gaotie', '高铁新区', 4),
  ('luling', '庐陵新区', 5),
  ('xingan-salt', '新干盐化科创园', 6),
  ('yongfeng-calcium', '永丰碳酸钙新材料科创园', 7),
  ('xiajiang-bio', '峡江生物医药产业科创园', 8),
  ('jishui-civil', '吉水军民融合产业科创园', 9),
  ('taihe-food', '泰和绿色食品科创园', 10),
  ('suichuan-tea', '遂川茶产业科创园', 11);

CREATE TABLE tech_fields (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO tech_fields (code, name, position) VALUES
  ('electronics', '电子信息技术', 1),
  ('aerospace', '航空航天技术', 2),
  ('manufacturing', '先进制造技术', 3),
  ('biomedical', '生物、医药和医疗器械技术', 4),
  ('materials', '新材料及其应用', 5),
  ('energy', '新能源与高效节能', 6),
  ('environment', '环境保护与资源综合利用技术', 7),
  ('nuclear', '核应用技术', 8),
  ('agriculture', '农业技术', 9),
  ('transport', '现代交通', 10),
  ('urban', '城市建设与社会发展', 11);

-- Contract kinds of the Civil Code, articles 843-887; old_kind joins series from before 许可 stood apart.
CREATE TABLE contract_kinds (
  code text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('技术开发', '技术转让', '技术许可', '技术咨询', '技术服务')),
  sub_kind text NOT NULL,
  old_kind text NOT NULL,
  basis text NOT NULL,
  position int NOT NULL
);
INSERT INTO contract_kinds (code, kind, sub_kind, old_kind, basis, position) VALUES
  ('D1', '技术开发', '委托开发', '技术开发', '民法典第851条', 1),
  ('D2', '技术开发', '合作开发', '技术开发', '民法典第851条', 2),
  ('D3', '技术开发', '科技成果实施转化', '技术开发', '民法典第851条第四款', 3),
  ('T1', '技术转让', '专利权转让', '技术转让', '民法典第863条', 4),
  ('T2', '技术转让', '专利申请权转让', '技术转让', '民法典第863条', 5),
  ('T3', '技术转让', '技术秘密转让', '技术转让', '民法典第863条', 6),
  ('T4', '技术转让', '计算机软件著作权转让', '技术转让', '民法典第876条', 7),
  ('T5', '技术转让', '集成电路布图设计专有权转让', '技术转让', '民法典第876条', 8),
  ('T6', '技术转让', '植物新品种权转让', '技术转让', '民法典第876条', 9),
  ('T7', '技术转让', '生物医药新品种转让', '技术转让', '登记规则征求意见稿第8条', 10),
  ('T8', '技术转让', '技术入股', '技术转让', '登记规则征求意见稿第8条', 11),
  ('L1', '技术许可', '专利实施许可', '技术转让', '民法典第863条', 12),
  ('L2', '技术许可', '技术秘密使用许可', '技术转让', '民法典第863条', 13),
  ('L3', '技术许可', '其他知识产权许可', '技术转让', '民法典第876条', 14),
  ('C1', '技术咨询', '技术咨询', '技术咨询', '民法典第878条', 15),
  ('S1', '技术服务', '一般技术服务', '技术服务', '民法典第878条', 16),
  ('S2', '技术服务', '技术培训', '技术服务', '民法典第887条', 17),
  ('S3', '技术服务', '技术中介', '技术服务', '民法典第887条', 18);

-- Party types: form codes of the national registration system. Codes starting with x are ours, where its list was not seen.
CREATE TABLE party_types (
  code text PRIMARY KEY,
  name text NOT NULL,
  parent text REFERENCES party_types (code),
  position int NOT NULL
);
INSERT INTO party_types (code, name, parent, position) VALUES
  ('010', '机关法人', NULL, 1), ('011', '国家级机关', '010', 2), ('012', '省级机关', '010', 3), ('013', '市级机关', '010', 4), ('014', '县级及以下机关', '010', 5),
  ('020', '事业法人', NULL, 6), ('021', '科研机构', '020', 7), ('022', '高等院校', '020', 8), ('023', '医疗卫生', '020', 9), ('024', '其他事业法人', '020', 10),
  ('030', '社团法人', NULL, 11),
  ('100', '内资企业', NULL, 12), ('110', '国有企业', '100', 13), ('120', '集体企业', '100', 14), ('130', '股份合作企业', '100', 15), ('140', '联营企业', '100', 16),
  ('150', '有限责任公司', '100', 17), ('160', '股份有限公司', '100', 18), ('170', '私营企业', '100', 19), ('180', '其他内资企业', '100', 20),
  ('200', '港澳台商投资企业', NULL, 21), ('210', '港澳台合资经营', '200', 22), ('220', '港澳台合作经营', '200', 23), ('230', '港澳台独资经营', '200', 24), ('240', '港澳台投资股份有限公司', '200', 25),
  ('300', '外商投资企业', NULL, 26), ('310', '中外合资经营', '300', 27), ('320', '中外合作经营', '300', 28), ('330', '外资企业', '300', 29), ('340', '外商投资股份有限公司', '300', 30),
  ('400', '个体经营', NULL, 31),
  ('x01', '自然人', NULL, 32), ('x02', '其他组织', NULL, 33);

CREATE TABLE ip_types (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO ip_types (code, name, position) VALUES
  ('secret', '技术秘密', 1),
  ('invention', '发明专利', 2),
  ('utility', '实用新型专利', 3),
  ('design', '外观设计专利', 4),
  ('software', '计算机软件著作权', 5),
  ('layout', '集成电路布图设计专有权', 6),
  ('variety', '植物新品种权', 7),
  ('biomed', '生物、医药新品种', 8),
  ('none', '未涉及知识产权', 9);

-- Payment modes of the Civil Code, article 846.
CREATE TABLE payment_modes (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO payment_modes (code, name, position) VALUES
  ('lump', '一次总算，一次总付', 1),
  ('instalments', '一次总算，分期支付', 2),
  ('royalty', '提成支付', 3),
  ('royalty_entry', '提成支付，附加预付入门费', 4);

CREATE TABLE plan_sources (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL
);
INSERT INTO plan_sources (code, name, position) VALUES
  ('national', '国家计划', 1), ('ministry', '部门计划', 2), ('province', '省级计划', 3),
  ('city', '市级计划', 4), ('county', '县级计划', 5), ('none', '计划外', 6);

CREATE TABLE refusal_grounds (
  code text PRIMARY KEY,
  name text NOT NULL,
  needs_note boolean NOT NULL DEFAULT false,
  position int NOT NULL
);
INSERT INTO refusal_grounds (code, name, needs_note, position) VALUES
  ('R01', '合同主体不明确', false, 1),
  ('R02', '合同标的不明确，不能使登记人员了解其技术内容', false, 2),
  ('R03', '合同价款、报酬、使用费约定不明确', false, 3),
  ('R04', '含有非法垄断技术或妨碍技术进步、侵害他人技术成果的条款', false, 4),
  ('R05', '不出具证明材料或证明文件不符合要求', false, 5),
  ('R06', '印章不齐全或印章与书写名称不一致', false, 6),
  ('R07', '非技术合同', false, 7),
  ('R08', '无效合同或未生效的合同', false, 8),
  ('R09', '国家规定须经审批而未办理审批手续', false, 9),
  ('R10', '合同名称与权利义务关系不一致，经要求补正而未补正', false, 10),
  ('R11', '重复登记', false, 11),
  ('R12', '超过合同有效期申请', false, 12),
  ('R99', '其他', true, 13);

-- Why a reviewer returns a listing or an organisation.
CREATE TABLE return_reasons (
  code text PRIMARY KEY,
  subject text NOT NULL CHECK (subject IN ('listing', 'org')),
  name text NOT NULL,
  position int NOT NULL
);
INSERT INTO return_reasons (code, subject, name, position) VALUES
  ('N1', 'listing', '问题不具体', 1),
  ('N2', 'listing', '指标没有量化或没有检验方法', 2),
  ('N3', 'listing', '预算、期限缺失或不合理', 3),
  ('N4', 'listing', '含不宜公开的内容', 4),
  ('N5', 'listing', '与已有内容重复', 5),
  ('N6', 'listing', '分类不对', 6),
  ('N9', 'listing', '其他', 9),
  ('U1', 'org', '信用代码与证照不符', 1),
  ('U2', 'org', '名称与证照不符', 2),
  ('U3', 'org', '所在地或类型不对', 3),
  ('U4', 'org', '已有单位使用同一代码', 4),
  ('U9', 'org', '其他', 9);

-- Days that differ from the plain week: 放假 (working false) and 调休 (working true). Edited yearly.
-- 2025 and 2026 follow the State Council's notices; for 2027 only the days fixed by date in the holiday law are known.
CREATE TABLE holidays (
  day date PRIMARY KEY,
  working boolean NOT NULL,
  name text NOT NULL
);
INSERT INTO holidays (day, working, name)
SELECT d::date, false, n FROM (VALUES
  ('2025-01-01', '2025-01-01', '元旦'), ('2025-01-28', '2025-02-04', '春节'), ('2025-04-04', '2025-04-06', '清明节'),
  ('2025-05-01', '2025-05-05', '劳动节'), ('2025-05-31', '2025-06-02', '端午节'), ('2025-10-01', '2025-10-08', '国庆节、中秋节'),
  ('2026-01-01', '2026-01-03', '元旦'), ('2026-02-15', '2026-02-23', '春节'), ('2026-04-04', '2026-04-06', '清明节'),
  ('2026-05-01', '2026-05-05', '劳动节'), ('2026-06-19', '2026-06-21', '端午节'), ('2026-09-25', '2026-09-27', '中秋节'),
  ('2026-10-01', '2026-10-07', '国庆节'),
  ('2027-01-01', '2027-01-01', '元旦'), ('2027-05-01', '2027-05-02', '劳动节'), ('2027-10-01', '2027-10-03', '国庆节')
) AS h (a, b, n), generate_series(a::date, b::date, '1 day') AS d;
INSERT INTO holidays (day, working, name) VALUES
  ('2025-01-26', true, '春节调休'), ('2025-02-08', true, '春节调休'), ('2025-04-27', true, '劳动节调休'),
  ('2025-09-28', true, '国庆节调休'), ('2025-10-11', true, '国庆节调休'),
  ('2026-01-04', true, '元旦调休'), ('2026-02-14', true, '春节调休'), ('2026-02-28', true, '春节调休'),
  ('2026-05-09', true, '劳动节调休'), ('2026-09-20', true, '国庆节调休'), ('2026-10-10', true, '国庆节调休');

-- Dated parameters: the row with the latest valid_from not after the day in question holds.
CREATE TABLE parameters (
  key text NOT NULL,
  valid_from date NOT NULL,
  value numeric(18,2) NOT NULL,
  unit text NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (key, valid_from)
);
INSERT INTO parameters (key, valid_from, value, unit, note) VALUES
  ('inquiry_response_days', '2021-01-01', 5, '工作日', '对接答复时限'),
  ('need_review_days', '2021-01-01', 1, '工作日', '需求审核时限'),
  ('result_review_days', '2021-01-01', 3, '工作日', '成果审核时限'),
  ('org_review_days', '2021-01-01', 3, '工作日', '单位核验时限'),
  ('need_valid_months', '2021-01-01', 6, '月', '需求公开有效期'),
  ('result_valid_months', '2021-01-01', 12, '月', '成果公开有效期'),
  ('registration_days', '2021-01-01', 15, '工作日', '合同认定登记时限'),
  ('registration_days_large', '2021-01-01', 30, '工作日', '大额或有争议合同认定登记时限'),
  ('second_review_amount', '2021-01-01', 5000000, '元', '技术交易额达到此数须复审');

-- Names that differ by place; plain defaults.
CREATE TABLE settings (
  key text PRIMARY KEY,
  value text NOT NULL,
  label text NOT NULL
);
INSERT INTO settings (key, value, label) VALUES
  ('organiser', '吉安市科技主管部门', '主办单位'),
  ('hours', '工作日 8:30—12:00，14:30—17:30', '服务时间'),
  ('phone', '', '联系电话'),
  ('icp', '', 'ICP 备案号'),
  ('police', '', '公安备案号'),
  ('site_code', '', '政府网站标识码');

-- The figure to reach. Only the row with the highest id of a (year, region, basis) holds; earlier rows are its history.
CREATE TABLE targets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  year int NOT NULL CHECK (year BETWEEN 2015 AND 2100),
  region char(6) NOT NULL REFERENCES regions (code),
  basis text NOT NULL CHECK (basis IN ('output', 'output_tech', 'absorbed')),
  amount numeric(18,2) NOT NULL CHECK (amount > 0),
  status text NOT NULL CHECK (status IN ('published', 'interpolated', 'proposed', 'approved')),
  source text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX targets_lookup ON targets (region, basis, year, id);
INSERT INTO targets (year, region, basis, amount, status, source) VALUES
  (2021, '360800', 'output', 1669000000, 'interpolated', '由2020年15.09亿元到2025年25亿元按年均10.62%插值'),
  (2022, '360800', 'output', 1847000000, 'interpolated', '由2020年15.09亿元到2025年25亿元按年均10.62%插值'),
  (2023, '360800', 'output', 2043000000, 'interpolated', '由2020年15.09亿元到2025年25亿元按年均10.62%插值'),
  (2024, '360800', 'output', 2260000000, 'interpolated', '由2020年15.09亿元到2025年25亿元按年均10.62%插值'),
  (2025, '360800', 'output', 2500000000, 'published', '吉安市“十四五”科技创新规划专栏1'),
  (2026, '360800', 'output', 2750000000, 'proposed', '按上年目标增长10%拟定，待核定');

-- Turnover of years before the market, from the published plan.
CREATE TABLE published_actuals (
  year int NOT NULL,
  region char(6) NOT NULL REFERENCES regions (code),
  basis text NOT NULL CHECK (basis IN ('output', 'output_tech', 'absorbed')),
  amount numeric(18,2) NOT NULL CHECK (amount > 0),
  source text NOT NULL,
  PRIMARY KEY (year, region, basis)
);
INSERT INTO published_actuals (year, region, basis, amount, source) VALUES
  (2019, '360800', 'output', 960000000, '吉安市“十四五”科技创新规划专栏1'),
  (2020, '360800', 'output', 1509000000, '吉安市“十四五”科技创新规划专栏1');

-- Running numbers such as XQ-2026-0412, one row a prefix and year.
CREATE TABLE counters (
  prefix text NOT NULL,
  year int NOT NULL,
  value int NOT NULL,
  PRIMARY KEY (prefix, year)
);

-- +goose Down
DROP TABLE counters, published_actuals, targets, settings, parameters, holidays, return_reasons, refusal_grounds, plan_sources,
  payment_modes, ip_types, party_types, contract_kinds, tech_fields, parks, regions, fields, submarkets;
