-- +goose Up
-- Code lists of contracts change with the law: a code may be chosen from valid_from until the day before valid_until.
-- Codes are never renamed or removed, so that old contracts stay readable.
ALTER TABLE contract_kinds ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);
ALTER TABLE tech_fields ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);
ALTER TABLE party_types ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);
ALTER TABLE ip_types ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);
ALTER TABLE payment_modes ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);
ALTER TABLE plan_sources ADD COLUMN valid_from date NOT NULL DEFAULT '1984-01-01', ADD COLUMN valid_until date, ADD CHECK (valid_until > valid_from);

-- 社会经济目标 (GB/T 24450).
CREATE TABLE economic_goals (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL,
  valid_from date NOT NULL DEFAULT '1984-01-01',
  valid_until date,
  CHECK (valid_until > valid_from)
);
INSERT INTO economic_goals (position, code, name) VALUES
  (1, 'environment', '环境保护、生态建设及污染防治'), (2, 'energy', '能源生产、分配和合理利用'), (3, 'health', '卫生事业发展'), (4, 'education', '教育事业发展'),
  (5, 'infrastructure', '基础设施以及城市和农村规划'), (6, 'society', '社会发展和社会服务'), (7, 'earth', '地球和大气层的探索与利用'), (8, 'space', '民用空间探测及开发'),
  (9, 'agriculture', '农林牧渔业发展'), (10, 'industry', '工商业发展'), (11, 'basic', '非定向研究'), (12, 'civil', '其他民用目标'), (13, 'defence', '国防');

-- 许可方式. 开放许可 (专利法 50) is always 普通许可 on terms the owner has declared.
CREATE TABLE licence_modes (
  code text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  position int NOT NULL,
  valid_from date NOT NULL DEFAULT '1984-01-01',
  valid_until date,
  CHECK (valid_until > valid_from)
);
INSERT INTO licence_modes (position, code, name, valid_from) VALUES
  (1, 'exclusive', '独占许可', '1984-01-01'), (2, 'sole', '排他许可', '1984-01-01'), (3, 'ordinary', '普通许可', '1984-01-01'), (4, 'open', '开放许可', '2021-06-01');

-- The classes of 国民经济行业 (GB/T 4754-2017) with their sections.
CREATE TABLE industry_classes (
  code char(2) PRIMARY KEY,
  section char(1) NOT NULL REFERENCES industries (code),
  name text NOT NULL,
  valid_from date NOT NULL DEFAULT '1984-01-01',
  valid_until date,
  CHECK (valid_until > valid_from)
);
INSERT INTO industry_classes (section, code, name) VALUES
  ('A', '01', '农业'), ('A', '02', '林业'), ('A', '03', '畜牧业'), ('A', '04', '渔业'), ('A', '05', '农、林、牧、渔专业及辅助性活动'),
  ('B', '06', '煤炭开采和洗选业'), ('B', '07', '石油和天然气开采业'), ('B', '08', '黑色金属矿采选业'), ('B', '09', '有色金属矿采选业'), ('B', '10', '非金属矿采选业'),
  ('B', '11', '开采专业及辅助性活动'), ('B', '12', '其他采矿业'),
  ('C', '13', '农副食品加工业'), ('C', '14', '食品制造业'), ('C', '15', '酒、饮料和精制茶制造业'), ('C', '16', '烟草制品业'), ('C', '17', '纺织业'),
  ('C', '18', '纺织服装、服饰业'), ('C', '19', '皮革、毛皮、羽毛及其制品和制鞋业'), ('C', '20', '木材加工和木、竹、藤、棕、草制品业'), ('C', '21', '家具制造业'),
  ('C', '22', '造纸和纸制品业'), ('C', '23', '印刷和记录媒介复制业'), ('C', '24', '文教、工美、体育和娱乐用品制造业'), ('C', '25', '石油、煤炭及其他燃料加工业'),
  ('C', '26', '化学原料和化学制品制造业'), ('C', '27', '医药制造业'), ('C', '28', '化学纤维制造业'), ('C', '29', '橡胶和塑料制品业'), ('C', '30', '非金属矿物制品业'),
  ('C', '31', '黑色金属冶炼和压延加工业'), ('C', '32', '有色金属冶炼和压延加工业'), ('C', '33', '金属制品业'), ('C', '34', '通用设备制造业'), ('C', '35', '专用设备制造业'),
  ('C', '36', '汽车制造业'), ('C', '37', '铁路、船舶、航空航天和其他运输设备制造业'), ('C', '38', '电气机械和器材制造业'), ('C', '39', '计算机、通信和其他电子设备制造业'),
  ('C', '40', '仪器仪表制造业'), ('C', '41', '其他制造业'), ('C', '42', '废弃资源综合利用业'), ('C', '43', '金属制品、机械和设备修理业'),
  ('D', '44', '电力、热力生产和供应业'), ('D', '45', '燃气生产和供应业'), ('D', '46', '水的生产和供应业'),
  ('E', '47', '房屋建筑业'), ('E', '48', '土木工程建筑业'), ('E', '49', '建筑安装业'), ('E', '50', '建筑装饰、装修和其他建筑业'),
  ('F', '51', '批发业'), ('F', '52', '零售业'),
  ('G', '53', '铁路运输业'), ('G', '54', '道路运输业'), ('G', '55', '水上运输业'), ('G', '56', '航空运输业'), ('G', '57', '管道运输业'), ('G', '58', '多式联运和运输代理业'),
  ('G', '59', '装卸搬运和仓储业'), ('G', '60', '邮政业'),
  ('H', '61', '住宿业'), ('H', '62', '餐饮业'),
  ('I', '63', '电信、广播电视和卫星传输服务'), ('I', '64', '互联网和相关服务'), ('I', '65', '软件和信息技术服务业'),
  ('J', '66', '货币金融服务'), ('J', '67', '资本市场服务'), ('J', '68', '保险业'), ('J', '69', '其他金融业'),
  ('K', '70', '房地产业'), ('L', '71', '租赁业'), ('L', '72', '商务服务业'),
  ('M', '73', '研究和试验发展'), ('M', '74', '专业技术服务业'), ('M', '75', '科技推广和应用服务业'),
  ('N', '76', '水利管理业'), ('N', '77', '生态保护和环境治理业'), ('N', '78', '公共设施管理业'), ('N', '79', '土地管理业'),
  ('O', '80', '居民服务业'), ('O', '81', '机动车、电子产品和日用产品修理业'), ('O', '82', '其他服务业'),
  ('P', '83', '教育'), ('Q', '84', '卫生'), ('Q', '85', '社会工作'),
  ('R', '86', '新闻和出版业'), ('R', '87', '广播、电视、电影和录音制作业'), ('R', '88', '文化艺术业'), ('R', '89', '体育'), ('R', '90', '娱乐业'),
  ('S', '91', '中国共产党机关'), ('S', '92', '国家机构'), ('S', '93', '人民政协、民主党派'), ('S', '94', '社会保障'), ('S', '95', '群众团体、社会团体和其他成员组织'),
  ('S', '96', '基层群众自治组织及其他组织'), ('T', '97', '国际组织');

ALTER TABLE contracts
  ADD COLUMN licence_mode text REFERENCES licence_modes (code),
  ADD COLUMN economic_goal text REFERENCES economic_goals (code),
  ADD COLUMN added_investment numeric(18,2) CHECK (added_investment >= 0), -- 预计新增投入
  ADD COLUMN added_output numeric(18,2) CHECK (added_output >= 0),         -- 预计新增产值
  -- A royalty's total is not fixed at signing: the amounts are those of the signing, and stay; supplements come beside them.
  ADD COLUMN amount_fixed boolean NOT NULL DEFAULT true,
  ADD COLUMN royalty text NOT NULL DEFAULT '',
  ADD COLUMN foreign_text boolean NOT NULL DEFAULT false,
  ADD COLUMN government boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT contracts_open_amount CHECK (amount_fixed OR payment_mode LIKE 'royalty%');

-- What the registration asks of a party beside its name, code, type and place, as it stood when the contract was drawn up.
CREATE TABLE contract_parties (
  contract_id bigint NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
  side text NOT NULL CHECK (side IN ('seller', 'buyer')),
  scale text NOT NULL DEFAULT '' CHECK (scale IN ('', 'large', 'medium', 'small', 'micro')),
  industry char(2) REFERENCES industry_classes (code),
  traits text[] NOT NULL DEFAULT '{}' CHECK (traits <@ ARRAY['transfer', 'research', 'converted', 'hightech', 'listed']),
  legal_rep text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  contact text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '',
  postcode text NOT NULL DEFAULT '',
  PRIMARY KEY (contract_id, side)
);

CREATE TABLE contract_ips (
  contract_id bigint NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
  position int NOT NULL,
  type text NOT NULL REFERENCES ip_types (code),
  number text NOT NULL DEFAULT '',
  title text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('pending', 'granted', 'lapsed', 'transferring')),
  filed_on date,
  PRIMARY KEY (contract_id, position)
);
CREATE INDEX contract_ips_number ON contract_ips (number) WHERE number <> '';

CREATE TABLE contract_instalments (
  contract_id bigint NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
  position int NOT NULL,
  due_on date,
  milestone text NOT NULL DEFAULT '',
  amount numeric(18,2) NOT NULL CHECK (amount > 0),
  PRIMARY KEY (contract_id, position),
  CONSTRAINT contract_instalments_when CHECK (due_on IS NOT NULL OR milestone <> '')
);

-- The signed text and what belongs to it. Who may read a file is who may read its contract.
CREATE TABLE contract_files (
  file_id text PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  contract_id bigint NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
  use text NOT NULL CHECK (use IN ('text', 'chinese', 'consistency', 'task', 'right', 'other')),
  label text NOT NULL DEFAULT '',
  added_at timestamptz NOT NULL
);
CREATE INDEX contract_files_contract ON contract_files (contract_id, added_at, file_id);

-- Payments with their proofs. A wrong one is voided, never changed or removed.
CREATE TABLE contract_payments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id bigint NOT NULL REFERENCES contracts (id),
  paid_on date NOT NULL,
  amount numeric(18,2) NOT NULL CHECK (amount > 0),
  note text NOT NULL DEFAULT '',
  file_id text NOT NULL UNIQUE REFERENCES files (id),
  org_id bigint NOT NULL REFERENCES orgs (id),
  user_id bigint NOT NULL REFERENCES users (id),
  added_at timestamptz NOT NULL,
  voided_at timestamptz,
  void_reason text NOT NULL DEFAULT '',
  CONSTRAINT contract_payments_void_has_reason CHECK ((voided_at IS NULL) = (void_reason = ''))
);
CREATE INDEX contract_payments_contract ON contract_payments (contract_id, paid_on, id);

-- +goose Down
DROP TABLE contract_payments, contract_files, contract_instalments, contract_ips, contract_parties;
ALTER TABLE contracts DROP CONSTRAINT contracts_open_amount, DROP COLUMN government, DROP COLUMN foreign_text, DROP COLUMN royalty, DROP COLUMN amount_fixed,
  DROP COLUMN added_output, DROP COLUMN added_investment, DROP COLUMN economic_goal, DROP COLUMN licence_mode;
DROP TABLE industry_classes, licence_modes, economic_goals;
ALTER TABLE plan_sources DROP COLUMN valid_until, DROP COLUMN valid_from;
ALTER TABLE payment_modes DROP COLUMN valid_until, DROP COLUMN valid_from;
ALTER TABLE ip_types DROP COLUMN valid_until, DROP COLUMN valid_from;
ALTER TABLE party_types DROP COLUMN valid_until, DROP COLUMN valid_from;
ALTER TABLE tech_fields DROP COLUMN valid_until, DROP COLUMN valid_from;
ALTER TABLE contract_kinds DROP COLUMN valid_until, DROP COLUMN valid_from;
