package market

import "time"

// Action names an audited act. Every one there is stands in this block.
type Action string

// The audited actions.
const (
	UserRegister      Action = "user.register"
	UserLogin         Action = "user.login"
	UserLogout        Action = "user.logout"
	UserLock          Action = "user.lock"
	UserEdit          Action = "user.edit"
	UserPassword      Action = "user.password"
	UserDuties        Action = "user.duties"
	UserCreate        Action = "user.create"   // of staff, by an administrator
	UserStart         Action = "user.start"    // the link to the first password, sent again
	UserUnlock        Action = "user.unlock"   // by an administrator
	UserSignOut       Action = "user.sign_out" // everywhere, by an administrator
	SettingEdit       Action = "setting.edit"
	TargetSet         Action = "target.set"
	RewardSet         Action = "reward.set" // a version of a programme
	RewardExport      Action = "reward.export"
	UserConfirmAsk    Action = "user.confirm_ask"
	UserConfirm       Action = "user.confirm"
	UserAddressAsk    Action = "user.address_ask"
	UserAddress       Action = "user.address"
	UserResetAsk      Action = "user.reset_ask"
	UserReset         Action = "user.reset"
	UserSecond        Action = "user.second"
	UserSecondDrop    Action = "user.second_drop"
	UserSecondReset   Action = "user.second_reset"
	UserConsent       Action = "user.consent"
	UserExport        Action = "user.export"
	UserClose         Action = "user.close"
	TokenCreate       Action = "token.create"
	TokenRevoke       Action = "token.revoke"
	OrgCreate         Action = "org.create"
	OrgEdit           Action = "org.edit"
	OrgSubmit         Action = "org.submit"
	OrgVerify         Action = "org.verify"
	OrgReject         Action = "org.reject"
	OrgSuspend        Action = "org.suspend"
	OrgResume         Action = "org.resume"
	OrgChangeRequest  Action = "org.change_request"
	OrgChangeWithdraw Action = "org.change_withdraw"
	OrgChangeVerify   Action = "org.change_verify"
	OrgChangeReturn   Action = "org.change_return"
	OrgInvite         Action = "org.invite"
	OrgInviteResend   Action = "org.invite_resend"
	OrgInviteWithdraw Action = "org.invite_withdraw"
	OrgInviteAccept   Action = "org.invite_accept"  // by who was invited
	OrgInviteDecline  Action = "org.invite_decline" // by who was invited
	OrgMemberRole     Action = "org.member_role"
	OrgMemberRemove   Action = "org.member_remove"
	OrgHandOver       Action = "org.hand_over"
	ActingSwitch      Action = "acting.switch"
	MandateGrant      Action = "mandate.grant"
	MandateRevoke     Action = "mandate.revoke"
	MandateDecline    Action = "mandate.decline" // by the agency
	MandateExpire     Action = "mandate.expire"
	LexiconAddAct     Action = "lexicon.add" // words that searches know
	LexiconEditAct    Action = "lexicon.edit"
	LexiconRemoveAct  Action = "lexicon.remove"
	LexiconRestoreAct Action = "lexicon.restore" // an earlier version
	ListingReindex    Action = "listing.reindex" // one that the search engine would not take, by a reviewer
	ListingRemind     Action = "listing.remind"  // of several listings of an organisation: these name it
	ListingRenew      Action = "listing.renew"
	RevisionEdit      Action = "revision.edit" // of a public need or result; these name the listing
	RevisionSubmit    Action = "revision.submit"
	RevisionRecall    Action = "revision.recall"
	RevisionDiscard   Action = "revision.discard"
	RevisionPublish   Action = "revision.publish"
	RevisionReturn    Action = "revision.return"
	ReviewClaim       Action = "review.claim"
	ReviewRelease     Action = "review.release"
	NeedCreate        Action = "need.create"
	NeedEdit          Action = "need.edit"
	NeedSubmit        Action = "need.submit"
	NeedRecall        Action = "need.recall"
	NeedPublish       Action = "need.publish"
	NeedReturn        Action = "need.return"
	NeedConfirm       Action = "need.confirm"
	NeedWithdraw      Action = "need.withdraw"
	NeedClose         Action = "need.close"
	NeedExpire        Action = "need.expire"
	NeedMatch         Action = "need.match"
	NeedDelete        Action = "need.delete"
	ResultCreate      Action = "result.create"
	ResultEdit        Action = "result.edit"
	ResultSubmit      Action = "result.submit"
	ResultRecall      Action = "result.recall"
	ResultPublish     Action = "result.publish"
	ResultReturn      Action = "result.return"
	ResultConfirm     Action = "result.confirm"
	ResultWithdraw    Action = "result.withdraw"
	ResultClose       Action = "result.close"
	ResultExpire      Action = "result.expire"
	ResultMatch       Action = "result.match"
	ResultDelete      Action = "result.delete"
	SearchSave        Action = "search.save"
	SearchEdit        Action = "search.edit"
	SearchDelete      Action = "search.delete"
	SearchTell        Action = "search.tell"
	SearchQuiet       Action = "search.quiet" // by the link in a letter
	MatchMark         Action = "match.mark"
	MatchUnmark       Action = "match.unmark"
	MatchTell         Action = "match.tell"
	MatchFit          Action = "match.fit" // weights to marks
	MatchUse          Action = "match.use" // a version of weights
	ImportCheck       Action = "import.check"
	ImportRecheck     Action = "import.recheck" // with other columns
	ImportAccept      Action = "import.accept"
	ImportDiscard     Action = "import.discard"
	ImportUndo        Action = "import.undo"
	ImportPublish     Action = "import.publish"
	ImportReturn      Action = "import.return"
	ImportFail        Action = "import.fail"
	ImportFinish      Action = "import.finish"
	NeedExport        Action = "need.export"
	ResultExport      Action = "result.export"
	ExpertExport      Action = "expert.export"
	OrgExport         Action = "org.export"
	ExpertCreate      Action = "expert.create"
	ExpertEdit        Action = "expert.edit"
	ExpertPublish     Action = "expert.publish"
	ExpertWithdraw    Action = "expert.withdraw"
	ExpertDelete      Action = "expert.delete"
	ExpertAgree       Action = "expert.agree"  // by the person
	ExpertRevoke      Action = "expert.revoke" // by the person
	InquiryOpenAct    Action = "inquiry.open"
	InquiryAnswer     Action = "inquiry.answer"
	InquiryPropose    Action = "inquiry.propose"
	InquiryAgreeTerm  Action = "inquiry.agree_term"
	InquiryAgree      Action = "inquiry.agree"
	InquiryDecline    Action = "inquiry.decline"
	InquiryLapse      Action = "inquiry.lapse"
	InquiryRemind     Action = "inquiry.remind"
	InquiryRead       Action = "inquiry.read" // by staff, who are no party
	DealFall          Action = "deal.fall"

	DisclosureRequest Action = "disclosure.request"
	DisclosureGrant   Action = "disclosure.grant"
	DisclosureRefuse  Action = "disclosure.refuse"
	DisclosureRevoke  Action = "disclosure.revoke"
	DisclosurePledge  Action = "disclosure.pledge"
	DisclosureReadAct Action = "disclosure.read"

	ChallengeCreate  Action = "challenge.create"
	ChallengeEdit    Action = "challenge.edit"
	ChallengeSubmit  Action = "challenge.submit"
	ChallengeRecall  Action = "challenge.recall"
	ChallengeDelete  Action = "challenge.delete"
	ChallengePublish Action = "challenge.publish"
	ChallengeReturn  Action = "challenge.return"
	ChallengeAsk     Action = "challenge.ask"
	ChallengeAnswer  Action = "challenge.answer"
	ChallengeUnseal  Action = "challenge.open" // at the deadline, by the market
	ChallengeRemind  Action = "challenge.remind"
	ChallengeJudge   Action = "challenge.judge"
	ChallengeUnjudge Action = "challenge.remove_judge"
	ChallengeAccept  Action = "challenge.accept"  // by who is asked to judge
	ChallengeDecline Action = "challenge.decline" // by who is asked to judge
	ChallengeScore   Action = "challenge.score"
	ChallengeDecide  Action = "challenge.decide"
	ChallengeRemand  Action = "challenge.remand"
	ChallengeAward   Action = "challenge.award"   // at the end of the publicity, by the market
	ChallengeUnaward Action = "challenge.unaward" // the same
	ChallengeCancel  Action = "challenge.cancel"
	ProposalSubmit   Action = "proposal.submit"
	ProposalEdit     Action = "proposal.edit"
	ProposalWithdraw Action = "proposal.withdraw"
	ProposalReadAct  Action = "proposal.read"

	ContractCreate        Action = "contract.create"
	ContractEdit          Action = "contract.edit"
	ContractSubmit        Action = "contract.submit"
	ContractAccept        Action = "contract.accept"
	ContractReturn        Action = "contract.return"
	ContractPass          Action = "contract.pass"
	ContractConfirm       Action = "contract.confirm"
	ContractRegister      Action = "contract.register"
	ContractRefuse        Action = "contract.refuse"
	ContractWithdraw      Action = "contract.withdraw"
	ContractCancel        Action = "contract.cancel"
	ContractRevoke        Action = "contract.revoke"
	ContractSignal        Action = "contract.signal" // a registrar's answer
	SampleDraw            Action = "sample.draw"
	SampleFind            Action = "sample.find"
	ContractAttach        Action = "contract.attach" // a file
	ContractDetach        Action = "contract.detach"
	ContractPay           Action = "contract.pay"      // a payment with its proof
	ContractVoidPay       Action = "contract.void_pay" // a payment entered wrongly
	ContractExport        Action = "contract.export"
	TurnoverExport        Action = "turnover.export"
	ReconcileCheck        Action = "reconcile.check"   // an export of the national system
	ReconcileRecheck      Action = "reconcile.recheck" // with other columns
	ReconcileTake         Action = "reconcile.take"
	ReconcileDiscard      Action = "reconcile.discard"
	ReconcileDecide       Action = "reconcile.decide"
	ReconcileUndo         Action = "reconcile.undo"
	ReconcileConfirm      Action = "reconcile.confirm" // by a second person
	ReconcilePair         Action = "reconcile.pair"
	ReconcileClose        Action = "reconcile.close"
	ReconcileExport       Action = "reconcile.export"
	MonthClose            Action = "month.close"
	FileUpload            Action = "file.upload"
	FileRead              Action = "file.read" // by staff
	FileAttach            Action = "file.attach"
	FileChange            Action = "file.change"
	FileDetach            Action = "file.detach"
	AuditRead             Action = "audit.read"
	AuditExport           Action = "audit.export"
	AuditVerify           Action = "audit.verify"
	DemoLoad              Action = "demo.load"
	ContractChangeAsk     Action = "contract.change"     // asked for by the seller
	ContractSupplementAsk Action = "contract.supplement" // asked for by the seller
	ContractCorrect       Action = "contract.correct"    // proposed by a registrar, to what the national system says
	ContractAmendWithdraw Action = "contract.amend_withdraw"
	ContractAmendPass     Action = "contract.amend_pass"
	ContractAmendConfirm  Action = "contract.amend_confirm"
	ContractAmendRefuse   Action = "contract.amend_refuse"

	ContractObject         Action = "contract.object" // recorded by the desk
	ContractObjectPropose  Action = "contract.object_propose"
	ContractObjectReturn   Action = "contract.object_return"
	ContractObjectConfirm  Action = "contract.object_confirm"
	ContractObjectWithdraw Action = "contract.object_withdraw"
)

// ListingAction is the audited name of a move of a need or a result, such as need.publish.
func ListingAction(k Kind, move string) Action { return Action(string(k) + "." + move) }

// Object names what an act was done to. ID is 0 where there is no such object yet.
type Object struct {
	Kind string
	ID   int64
}

// Move is one change of state of a noun, as its history shows it.
type Move struct {
	ID         int64     `db:"id"`
	ObjectKind string    `db:"object_kind"`
	ObjectID   int64     `db:"object_id"`
	Move       string    `db:"move"`
	From       string    `db:"from_state"`
	To         string    `db:"to_state"`
	UserID     *int64    `db:"user_id"`
	OrgID      *int64    `db:"org_id"`
	AgencyID   *int64    `db:"agency_id"` // that acted for OrgID
	At         time.Time `db:"at"`
	Code       string    `db:"code"`
	Note       string    `db:"note"`
	UserName   string    `db:"user_name"` // joined in when read
	OrgName    string    `db:"org_name"`
	AgencyName string    `db:"agency_name"`
}

// On is the stamp on a move that an agency made for a client, "" on any other.
func (m Move) On() string {
	if m.AgencyID == nil {
		return ""
	}
	return OnBehalf(m.AgencyName, m.OrgName)
}
