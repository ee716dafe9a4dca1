-- +goose Up
-- The versions of what people agree to. A new one is a new row; everybody is asked again at the next sign-in. In the text
-- a line that begins with # is a heading.
CREATE TABLE policies (
  kind text NOT NULL CHECK (kind IN ('privacy', 'terms')),
  version text NOT NULL,
  valid_from date NOT NULL,
  changes text NOT NULL DEFAULT '', -- what is new, for those who agreed to the one before
  body text NOT NULL CHECK (body <> ''),
  PRIMARY KEY (kind, version),
  CONSTRAINT policies_one_a_day UNIQUE (kind, valid_from)
);
CREATE TRIGGER policies_append_only BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Who agreed to what and took what back, when and from where. The newest row of a kind holds.
CREATE TABLE consents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  kind text NOT NULL CHECK (kind IN ('privacy', 'terms', 'contact', 'recommend')),
  version text NOT NULL DEFAULT '',
  given boolean NOT NULL,
  at timestamptz NOT NULL,
  address text NOT NULL DEFAULT '',
  CONSTRAINT consents_policy_has_version CHECK ((kind IN ('privacy', 'terms')) = (version <> ''))
);
CREATE INDEX consents_user ON consents (user_id, kind, id);
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO policies (kind, version, valid_from, body) VALUES ('privacy', '2026-1', '2026-01-01',
'# 收集什么
账号：邮箱、姓名；手机选填。单位：名称、统一社会信用代码、类型、所在地、法定代表人。使用记录：登录的时间、网络地址和所用设备，办理每件事的时间和网络地址。
不收集身份证号码和银行账号，请不要写在任何栏目里。
# 用来做什么
登录和找回账号，核验单位，通知您要办的事，按单位发布的内容推荐可能合作的对象，依法留存办理记录。不用于商业推广，不提供给其他平台。
# 谁能看到
公开的只有单位名称、类型、所在地和核验日期。联系人和电话只在对接双方都有意向后互相可见；只有您在账户里另外同意，您的姓名和手机才会显示在公开页面，可以随时收回。审核、登记人员为办理业务可以看到相应内容，每次查看和办理都有记录。
选择不公开单位名称的需求，除工作人员外，只有您答复过的对接单位知道是您。
# 保存多久
交易与发布记录自完成之日起不少于 3 年，网络日志不少于 6 个月，合同登记材料不少于 10 年。数据存放在中国境内。
# 您可以怎样
在账户页查看和更正姓名、手机、邮箱和密码，查看并退出登录过的设备，停用接口令牌，关闭推荐，收回同意，下载您的全部个人信息，注销账号。注销后个人信息删除，单位的办理记录保留。
需要帮助或要投诉的，请联系主办单位，电话和服务时间见页脚。');
INSERT INTO policies (kind, version, valid_from, body) VALUES ('terms', '2026-1', '2026-01-01',
'# 谁可以用
代表单位办理的人可以注册账号。一人一个账号，不出借、不共用；离开单位时请退出单位或交给其他管理员。
# 发布的内容
内容真实、完整，有权发布，不含国家秘密、工作秘密，不侵犯他人的知识产权和商业秘密。发布前由工作人员审核；发现不实或违法的，可以退回、撤下，并依法留存记录。
# 对接和成交
平台提供信息、对接和登记服务，不是合同的一方，不收交易保证金。双方自己核实对方的履约能力；成交以双方签订的合同为准。不借平台索取、外传对方没有公开的资料。
# 账号安全
保管好密码和验证器。发现账号被他人使用的，马上重设密码并告诉主办单位。连续输错会暂时锁定；工作人员账号必须使用两步验证。
# 停用和注销
违反本协议的，可以限制或停用账号，并说明理由；不服的可以向主办单位申诉。您可以随时在账户页注销账号。
# 协议的更改
本协议更改时会写明改了什么，在您下次登录时请您重新确认；不同意的可以注销账号。');

-- +goose Down
DROP TABLE consents, policies;
