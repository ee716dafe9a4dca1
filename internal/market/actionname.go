package market

import "strings"

// actionNames are the Chinese names of the audited actions, as the audit viewer shows them.
var actionNames = map[Action]string{
	UserRegister: "注册账号", UserLogin: "登录", UserLogout: "退出", UserLock: "锁定账号", UserEdit: "修改个人资料", UserPassword: "修改密码",
	UserDuties: "调整岗位", UserCreate: "建立工作人员账号", UserStart: "再发设置密码的邮件", UserUnlock: "恢复账号", UserSignOut: "结束他人登录", SettingEdit: "修改设置", TargetSet: "设定目标", RewardSet: "设定奖补方案", RewardExport: "导出奖补测算",
	UserConfirmAsk: "要求确认邮箱", UserConfirm: "确认邮箱", UserAddressAsk: "要求更换邮箱", UserAddress: "更换邮箱",
	UserResetAsk: "要求重设密码", UserReset: "重设密码", UserSecond: "设置两步验证", UserSecondDrop: "关闭两步验证", UserSecondReset: "取消他人的两步验证",
	UserConsent: "同意或收回", UserExport: "下载个人信息", UserClose: "注销账号",
	TokenCreate: "生成令牌", TokenRevoke: "停用令牌",
	OrgCreate: "登记单位", OrgEdit: "修改单位资料", OrgSubmit: "提交核验", OrgVerify: "通过核验", OrgReject: "退回核验", OrgSuspend: "暂停单位",
	OrgResume: "恢复单位", OrgChangeRequest: "申请单位变更", OrgChangeWithdraw: "撤回单位变更", OrgChangeVerify: "通过单位变更", OrgChangeReturn: "退回单位变更",
	OrgInvite: "邀请成员", OrgInviteResend: "再发邀请", OrgInviteWithdraw: "撤回邀请",
	OrgInviteAccept: "接受邀请", OrgInviteDecline: "谢绝邀请", OrgMemberRole: "调整角色", OrgMemberRemove: "移出成员", OrgHandOver: "移交管理员",
	ActingSwitch: "切换单位", MandateGrant: "委托机构", MandateRevoke: "撤销委托", MandateDecline: "辞去委托", MandateExpire: "委托到期",
	ReviewClaim: "领取审核事项", ReviewRelease: "放回审核事项",
	ListingRemind: "提醒快到有效期", ListingRenew: "用邮件链接续期",
	RevisionEdit: "改写公开内容", RevisionSubmit: "提交修改", RevisionRecall: "取回修改", RevisionDiscard: "放弃修改", RevisionPublish: "公开修改", RevisionReturn: "退回修改",
	NeedCreate: "新建需求", NeedEdit: "修改需求", NeedSubmit: "提交需求", NeedRecall: "取回需求", NeedPublish: "公开需求", NeedReturn: "退回需求",
	NeedConfirm: "确认需求有效", NeedWithdraw: "撤回需求", NeedClose: "关闭需求", NeedExpire: "需求过期", NeedMatch: "需求已匹配", NeedDelete: "删除需求草稿",
	ResultCreate: "新建成果", ResultEdit: "修改成果", ResultSubmit: "提交成果", ResultRecall: "取回成果", ResultPublish: "公开成果", ResultReturn: "退回成果",
	ResultConfirm: "确认成果有效", ResultWithdraw: "撤回成果", ResultClose: "关闭成果", ResultExpire: "成果过期", ResultMatch: "成果已匹配", ResultDelete: "删除成果草稿",
	ListingReindex: "重新加入搜索",
	LexiconAddAct:  "增加搜索词", LexiconEditAct: "修改搜索词", LexiconRemoveAct: "去掉搜索词", LexiconRestoreAct: "恢复旧版词表",
	SearchSave: "订阅搜索", SearchEdit: "修改订阅", SearchDelete: "删除订阅", SearchTell: "告知订阅的新内容", MatchTell: "告知新的匹配", MatchFit: "按评价重算匹配权重", MatchUse: "启用匹配权重", SearchQuiet: "用邮件链接停止提醒",
	MatchMark: "评价匹配", MatchUnmark: "取消评价",
	ImportCheck: "检查导入", ImportRecheck: "改列重查导入", ImportAccept: "写入导入", ImportDiscard: "放弃导入", ImportUndo: "撤销导入", ImportPublish: "公开批次", ImportReturn: "退回批次",
	ImportFail: "导入失败", ImportFinish: "导入完成",
	NeedExport: "导出需求", ResultExport: "导出成果", ExpertExport: "导出专家", OrgExport: "导出单位",
	ExpertCreate: "新建专家", ExpertEdit: "修改专家", ExpertPublish: "公开专家", ExpertWithdraw: "撤下专家", ExpertDelete: "删除专家",
	ExpertAgree: "专家本人同意公开", ExpertRevoke: "专家本人收回同意",
	InquiryOpenAct: "发起对接", InquiryAnswer: "答复对接", InquiryPropose: "提出条件", InquiryAgreeTerm: "同意条件", InquiryAgree: "确认达成",
	InquiryDecline: "结束对接", InquiryLapse: "对接逾期关闭", InquiryRemind: "提醒答复", InquiryRead: "查看他人对接", DealFall: "取消成交",
	DisclosureRequest: "申请查看", DisclosureGrant: "同意开放", DisclosureRefuse: "拒绝开放", DisclosureRevoke: "撤回开放", DisclosurePledge: "作出保密承诺",
	DisclosureReadAct: "查看不公开内容",
	ChallengeCreate:   "新建榜单", ChallengeEdit: "修改榜单", ChallengeSubmit: "提交榜单", ChallengeRecall: "取回榜单", ChallengeDelete: "删除榜单草稿",
	ChallengePublish: "公开榜单", ChallengeReturn: "退回榜单", ChallengeAsk: "对榜单提问", ChallengeAnswer: "答复榜单提问", ChallengeUnseal: "榜单截止，方案启封",
	ChallengeRemind: "榜单提醒", ChallengeJudge: "邀请评审", ChallengeUnjudge: "取消评审邀请", ChallengeAccept: "接受评审", ChallengeDecline: "谢绝评审", ChallengeScore: "评审打分",
	ChallengeDecide: "决定榜单结果", ChallengeRemand: "退回榜单结果", ChallengeAward: "榜单定榜", ChallengeUnaward: "榜单未定榜", ChallengeCancel: "终止榜单",
	ProposalSubmit: "提交方案", ProposalEdit: "修改方案", ProposalWithdraw: "撤回方案", ProposalReadAct: "查看方案",
	ContractCreate: "起草合同", ContractEdit: "修改合同", ContractSubmit: "申请登记", ContractAccept: "受理合同", ContractReturn: "退回补正",
	ContractPass: "初审通过", ContractConfirm: "复审通过", ContractRegister: "登记合同", ContractRefuse: "不予登记", ContractWithdraw: "撤回合同",
	ContractCancel: "注销登记", ContractRevoke: "撤销登记", ContractSignal: "核实审查提示", SampleDraw: "抽取抽查样本", SampleFind: "填写抽查结论", ContractAttach: "添加合同材料", ContractDetach: "移除合同材料", ContractPay: "登记付款凭证",
	ContractVoidPay: "作废付款凭证", ContractExport: "导出合同登记信息",
	ContractChangeAsk: "申请变更登记", ContractSupplementAsk: "申请提成补充", ContractCorrect: "按全国系统提出更正", ContractAmendWithdraw: "撤回变更或补充申请", ContractAmendPass: "变更或补充初审通过",
	ContractAmendConfirm: "确认变更或补充", ContractAmendRefuse: "不同意变更或补充",
	ContractObject: "登记异议", ContractObjectPropose: "拟异议结论", ContractObjectReturn: "退回异议结论", ContractObjectConfirm: "确认异议结论", ContractObjectWithdraw: "撤回异议",
	ReconcileCheck: "检查全国系统导出", ReconcileRecheck: "改列重查全国系统导出", ReconcileTake: "载入全国系统导出", ReconcileDiscard: "放弃全国系统导出",
	ReconcileDecide: "决定对账差异", ReconcileUndo: "收回对账决定", ReconcileConfirm: "复核对账决定", ReconcilePair: "指认对账合同", ReconcileClose: "关闭对账期", ReconcileExport: "导出对账清单",
	TurnoverExport: "导出成交额", MonthClose: "月末关账", DemoLoad: "载入演示数据",
	FileUpload: "上传文件", FileRead: "查看文件", FileAttach: "添加图片或文件", FileChange: "修改图片或文件", FileDetach: "移除图片或文件",
	AuditRead: "查看审计日志", AuditExport: "导出审计日志", AuditVerify: "校验日志链",
}

// Name returns the action's Chinese name. An attempt that a route turned away has no object and is named by the route.
func (a Action) Name() string {
	if route, ok := strings.CutPrefix(string(a), "route "); ok {
		return "请求 " + route
	}
	if name, ok := actionNames[a]; ok {
		return name
	}
	return string(a)
}

// ActionGroup is a filter of the audit viewer: actions whose names begin so.
type ActionGroup struct {
	Code, Name string
	Prefixes   []string
}

// ActionGroups lists the filters in the order they are offered.
var ActionGroups = []ActionGroup{
	{"account", "账号与登录", []string{"user.", "token.", "session.", "factor.", "acting."}},
	{"org", "单位与成员", []string{"org.", "mandate.", "invitation.", "file."}},
	{"listing", "需求、成果与导入", []string{"need.", "result.", "revision.", "listing.", "match.", "import.", "review."}},
	{"search", "订阅", []string{"search."}},
	{"expert", "专家", []string{"expert."}},
	{"deal", "对接与成交", []string{"inquiry.", "deal."}},
	{"challenge", "揭榜挂帅", []string{"challenge.", "proposal."}},
	{"disclosure", "不公开内容", []string{"disclosure."}},
	{"contract", "合同与账本", []string{"contract.", "sample.", "target.", "reward.", "reconcile.", "month."}},
	{"export", "导出与日志", []string{"turnover.", "audit."}},
	{"setting", "设置", []string{"setting.", "lexicon."}},
	{"route", "被挡在门外的请求", []string{"route "}},
}
