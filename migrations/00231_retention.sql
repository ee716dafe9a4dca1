-- +goose Up
-- How long what is kept, and by which rule. A change of a rule is a new row; months is null where it is kept for ever.
CREATE TABLE retention_classes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL,
  name text NOT NULL,
  what text NOT NULL,
  since text NOT NULL, -- what the time is counted from, in words
  months int CHECK (months > 0),
  after text NOT NULL, -- what becomes of it then
  basis text NOT NULL,
  valid_from date NOT NULL,
  position int NOT NULL,
  CONSTRAINT retention_classes_from_key UNIQUE (code, valid_from)
);
CREATE TRIGGER retention_classes_append_only BEFORE UPDATE OR DELETE ON retention_classes FOR EACH ROW EXECUTE FUNCTION refuse_change();
INSERT INTO retention_classes (position, code, name, what, since, months, after, basis, valid_from) VALUES
  (1, 'ledger', '账本和审计日志', '成交额账本、月末快照、审计日志、办理经过', '写入之日', NULL, '不删除', '账目可追溯；数据库拒绝修改和删除', '2026-01-01'),
  (2, 'contract', '合同登记档案', '提交过的合同、签署文本和附件、付款凭证', '最后一次办理之日', 120, '由档案管理人员决定，系统不自动删除', '不少于 10 年，以覆盖税务检查；待核定', '2026-01-01'),
  (3, 'trade', '交易与发布记录', '公开过的需求和成果、对接、成交', '最后一次办理之日', 36, '由管理人员决定，系统不自动删除', '《电子商务法》第三十一条：交易完成之日起不少于三年', '2026-01-01'),
  (4, 'auction', '竞价档案', '竞价的公告、报名、出价和结果（尚未开通）', '竞价结束之日', 60, '由管理人员决定，系统不自动删除', '《拍卖法》第五十四条：委托拍卖合同终止之日起不少于五年', '2026-01-01'),
  (5, 'privacy', '个人信息处理记录', '同意和收回的记录', '记录之日', 36, '不删除', '《个人信息保护法》第五十六条：不少于三年', '2026-01-01'),
  (6, 'log', '网络日志', '登录记录：时间、网络地址、设备', '最后一次使用之日', 6, '到期后每小时自动删除', '《网络安全法》第二十一条：不少于六个月', '2026-01-01');

-- Whether something of a class that was last touched then may be removed today.
-- +goose StatementBegin
CREATE FUNCTION retention_over(class text, touched timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT touched + make_interval(months => months) < now() FROM retention_classes
    WHERE code = class AND valid_from <= current_date ORDER BY valid_from DESC LIMIT 1), false)
$$;
-- +goose StatementEnd

-- refuse_early_removal keeps a row of the class that the first argument names until its time is over, counted from the column
-- that the second one names.
-- +goose StatementBegin
CREATE FUNCTION refuse_early_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF retention_over(TG_ARGV[0], (to_jsonb(OLD) ->> TG_ARGV[1])::timestamptz) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is under retention (%)', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER contracts_kept BEFORE DELETE ON contracts FOR EACH ROW
  WHEN (OLD.submitted_at IS NOT NULL OR OLD.registered_on IS NOT NULL) EXECUTE FUNCTION refuse_early_removal('contract', 'updated_at');
CREATE TRIGGER contract_payments_kept BEFORE DELETE ON contract_payments FOR EACH ROW EXECUTE FUNCTION refuse_early_removal('contract', 'added_at');
CREATE TRIGGER listings_kept BEFORE DELETE ON listings FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_early_removal('trade', 'updated_at');
CREATE TRIGGER inquiries_kept BEFORE DELETE ON inquiries FOR EACH ROW EXECUTE FUNCTION refuse_early_removal('trade', 'updated_at');
CREATE TRIGGER deals_kept BEFORE DELETE ON deals FOR EACH ROW EXECUTE FUNCTION refuse_early_removal('trade', 'agreed_at');
CREATE TRIGGER sign_ins_kept BEFORE DELETE ON sign_ins FOR EACH ROW EXECUTE FUNCTION refuse_early_removal('log', 'seen_at');

-- A file of a contract that has come to the desk stays, hidden where its owner has taken it out.
ALTER TABLE contract_files ADD COLUMN removed_at timestamptz;
-- +goose StatementBegin
CREATE FUNCTION refuse_paper_removal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paper text; since timestamptz; BEGIN
  IF TG_TABLE_NAME = 'files' THEN paper := OLD.id; since := OLD.created_at; ELSE paper := OLD.file_id; since := OLD.added_at; END IF;
  IF EXISTS (SELECT 1 FROM contract_files x JOIN contracts c ON c.id = x.contract_id WHERE x.file_id = paper AND (c.submitted_at IS NOT NULL OR c.registered_on IS NOT NULL))
    AND NOT retention_over('contract', since) THEN
    RAISE EXCEPTION '% is under retention (contract)', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER files_kept BEFORE DELETE ON files FOR EACH ROW EXECUTE FUNCTION refuse_paper_removal();
CREATE TRIGGER contract_files_kept BEFORE DELETE ON contract_files FOR EACH ROW EXECUTE FUNCTION refuse_paper_removal();

-- +goose Down
DROP TRIGGER contract_files_kept ON contract_files;
DROP TRIGGER files_kept ON files;
DROP FUNCTION refuse_paper_removal();
ALTER TABLE contract_files DROP COLUMN removed_at;
DROP TRIGGER sign_ins_kept ON sign_ins;
DROP TRIGGER deals_kept ON deals;
DROP TRIGGER inquiries_kept ON inquiries;
DROP TRIGGER listings_kept ON listings;
DROP TRIGGER contract_payments_kept ON contract_payments;
DROP TRIGGER contracts_kept ON contracts;
DROP FUNCTION refuse_early_removal();
DROP FUNCTION retention_over(text, timestamptz);
DROP TABLE retention_classes;
