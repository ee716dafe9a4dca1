-- +goose Up
-- Grounds for taking a registered contract off the register: 注销 at its parties' wish, 撤销 because it should not be there.
CREATE TABLE removal_grounds (
  code text PRIMARY KEY,
  act text NOT NULL CHECK (act IN ('cancel', 'revoke')),
  name text NOT NULL,
  position int NOT NULL,
  valid_from date NOT NULL DEFAULT '1984-01-01',
  valid_until date,
  CHECK (valid_until > valid_from)
);
INSERT INTO removal_grounds (position, code, act, name) VALUES
  (1, 'Z01', 'cancel', '双方协商解除合同'),
  (2, 'Z02', 'cancel', '合同终止，不再履行'),
  (3, 'Z03', 'cancel', '合同被撤销或者认定无效'),
  (4, 'Z99', 'cancel', '其他'),
  (5, 'X01', 'revoke', '虚假合同，或者以欺诈、贿赂、侵权等手段取得登记'),
  (6, 'X02', 'revoke', '合同已被撤销、认定无效或者解除，当事人没有申请注销'),
  (7, 'X03', 'revoke', '重复登记'),
  (8, 'X04', 'revoke', '超过合同有效期登记'),
  (9, 'X99', 'revoke', '其他');

-- Why a contract was taken off the register, and whether its parties had made use of it. Contracts that were taken off
-- before there were coded grounds have none.
CREATE TABLE contract_removals (
  contract_id bigint PRIMARY KEY REFERENCES contracts (id),
  ground text NOT NULL REFERENCES removal_grounds (code),
  benefits text NOT NULL CHECK (benefits IN ('none', 'reported', 'unreported', 'unknown')),
  note text NOT NULL CHECK (note <> ''),
  user_id bigint REFERENCES users (id),
  at timestamptz NOT NULL
);
CREATE TRIGGER contract_removals_append_only BEFORE UPDATE OR DELETE ON contract_removals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contract_removals_no_truncate BEFORE TRUNCATE ON contract_removals EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE contract_removals, removal_grounds;
