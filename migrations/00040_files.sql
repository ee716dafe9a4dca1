-- +goose Up
-- Uploaded files. They are kept in the database: one backup, one transaction with what they belong to, and every copy of
-- the application sees them. Their ids are random; nobody finds one by counting.
CREATE TABLE files (
  id text PRIMARY KEY CHECK (length(id) >= 26),
  purpose text NOT NULL CHECK (purpose IN ('licence')),
  name text NOT NULL CHECK (name <> ''),
  media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
  size int NOT NULL CHECK (size > 0),
  sha256 bytea NOT NULL,
  content bytea NOT NULL,
  uploaded_by bigint NOT NULL REFERENCES users (id),
  created_at timestamptz NOT NULL
);
ALTER TABLE files ALTER COLUMN content SET STORAGE EXTERNAL; -- compressed already
CREATE INDEX files_created ON files (created_at);
CREATE INDEX files_uploader ON files (uploaded_by);

-- 国民经济行业 (GB/T 4754-2017): the sections.
CREATE TABLE industries (code char(1) PRIMARY KEY, name text NOT NULL, position int NOT NULL);
INSERT INTO industries (position, code, name) VALUES
  (1, 'A', '农、林、牧、渔业'), (2, 'B', '采矿业'), (3, 'C', '制造业'), (4, 'D', '电力、热力、燃气及水生产和供应业'), (5, 'E', '建筑业'),
  (6, 'F', '批发和零售业'), (7, 'G', '交通运输、仓储和邮政业'), (8, 'H', '住宿和餐饮业'), (9, 'I', '信息传输、软件和信息技术服务业'), (10, 'J', '金融业'),
  (11, 'K', '房地产业'), (12, 'L', '租赁和商务服务业'), (13, 'M', '科学研究和技术服务业'), (14, 'N', '水利、环境和公共设施管理业'),
  (15, 'O', '居民服务、修理和其他服务业'), (16, 'P', '教育'), (17, 'Q', '卫生和社会工作'), (18, 'R', '文化、体育和娱乐业'),
  (19, 'S', '公共管理、社会保障和社会组织'), (20, 'T', '国际组织');

ALTER TABLE orgs
  ADD COLUMN licence_file text REFERENCES files (id),
  ADD COLUMN industry char(1) REFERENCES industries (code),
  ADD COLUMN scale text CHECK (scale IN ('large', 'medium', 'small', 'micro'));
CREATE INDEX orgs_licence ON orgs (licence_file) WHERE licence_file IS NOT NULL;

-- +goose Down
ALTER TABLE orgs DROP COLUMN scale, DROP COLUMN industry, DROP COLUMN licence_file;
DROP TABLE industries, files;
