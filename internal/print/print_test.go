package print_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/print"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, market.Shanghai)

func reference() *market.Reference {
	return &market.Reference{TechFields: market.Codes{{Code: "materials", Name: "新材料及其应用"}}, IPTypes: market.Codes{{Code: "invention", Name: "发明专利"}},
		PlanSources: market.Codes{{Code: "none", Name: "计划外"}}, PartyTypes: market.Codes{{Code: "150", Name: "有限责任公司"}, {Code: "022", Name: "高等院校"}},
		PaymentModes: market.Codes{{Code: "instalments", Name: "一次总算，分期支付"}}, EconomicGoals: market.Codes{{Code: "industry", Name: "工商业发展"}},
		LicenceModes: market.Codes{{Code: "sole", Name: "排他许可"}}, Regions: market.Regions{{Code: "360825", Name: "永丰县"}},
		Classes: []market.IndustryClass{{Code: "26", Section: "C", Name: "化学原料和化学制品制造业"}},
		ContractKinds: []market.ContractKind{{Code: "D1", Kind: "技术开发", SubKind: "委托开发"}, {Code: "D2", Kind: "技术开发", SubKind: "合作开发"}, {Code: "T1", Kind: "技术转让", SubKind: "专利权转让"},
			{Code: "L1", Kind: "技术许可", SubKind: "专利实施许可"}, {Code: "C1", Kind: "技术咨询", SubKind: "技术咨询"}, {Code: "S1", Kind: "技术服务", SubKind: "一般技术服务"},
			{Code: "S2", Kind: "技术服务", SubKind: "技术培训"}, {Code: "S3", Kind: "技术服务", SubKind: "技术中介"}}}
}

func contract(kind string) market.Contract {
	filed := today.AddDate(-3, 0, 0)
	party := func(name, kind string) market.Party {
		return market.Party{Name: name, USCC: "91350100M000100Y43", Type: kind, Region: "360825", Scale: "medium", Industry: "26", Traits: []string{"research"}, LegalRep: "宋文彬",
			Address: "永丰县科技路 1 号", Contact: "曾庆年", Phone: "0796-8816035", Postcode: "331500"}
	}
	return market.Contract{Number: "HT-2026-0001", Title: "重钙超细研磨助剂体系技术开发", Kind: kind, TechField: "materials", IPType: "invention", PlanSource: "none", EconomicGoal: "industry", LicenceMode: "sole",
		IPs:    []market.IP{{Type: "invention", Number: "2017106018623", Title: "一种研磨助剂", Status: "granted", FiledOn: &filed}},
		Seller: party("吉安测试学院", "022"), Buyer: party("永丰测试钙业有限公司", "150"), TotalAmount: decimal.NewFromInt(1_260_000), TechAmount: decimal.NewFromInt(1_174_000),
		Deductions: []market.Deduction{{Kind: "equipment", Name: "在线激光粒度仪 1 套", Amount: decimal.NewFromInt(86_000)}}, PaymentMode: "instalments",
		Instalments: []market.Instalment{{Milestone: "合同生效后", Amount: decimal.NewFromInt(378_000)}, {Milestone: "验收合格后", DueOn: &today, Amount: decimal.NewFromInt(882_000)}},
		Content:     "D97 ≤ 2.5 μm，电耗 ≤ 121 kW·h/t。\n72 小时连续运行取样合格。", SignedOn: today, StartsOn: today, EndsOn: today.AddDate(1, 0, 0)}
}

// words are all the text of a paper.
func words(p print.Paper) string {
	var out strings.Builder
	for _, b := range p.Blocks {
		fmt.Fprintln(&out, b.Heading, b.Text)
		for _, row := range b.Rows {
			for _, c := range row {
				fmt.Fprintln(&out, c.Text)
			}
		}
	}
	return out.String() + p.Title + strings.Join(p.Top, " ") + strings.Join(p.Foot, " ")
}

func TestContractOfEachKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string][]string{
		"D1": {"技术开发合同（委托开发）", "技术风险", "不得将主要研究开发工作", "成果的归属"}, "D2": {"分工参与研究开发", "双方共有"}, "T1": {"权利转移的手续", "预计新增产值", "后续改进"},
		"L1": {"排他许可，即在约定范围", "专利权有效期届满", "不得禁止甲方对权利的有效性提出异议"}, "C1": {"甲方按照符合约定要求的咨询报告和意见作出决策"}, "S1": {"服务的目标、内容和方式", "质量和数量指标"},
		"S2": {"学员和教员"}, "S3": {"隐瞒重要事实"},
	} {
		text := words(print.Contract(contract(kind), reference(), false))
		for _, part := range append(want, "重钙超细研磨助剂体系技术开发", "壹佰贰拾陆万元整", "1,260,000.00", "378,000.00", "永丰测试钙业有限公司", "民法典", "ZL 2017 1 0601862.3", "D97 ≤ 2.5 μm", "无") {
			if !strings.Contains(text, part) {
				t.Errorf("the contract of kind %s lacks %q", kind, part)
			}
		}
		for _, stale := range []string{"合同法", "（MISSING", "%!"} {
			if strings.Contains(text, stale) {
				t.Errorf("the contract of kind %s says %q", kind, stale)
			}
		}
	}
	empty := contract("D1")
	empty.Content, empty.PaymentNote, empty.IPs, empty.Seller.LegalRep = "", "", nil, ""
	if text := words(print.Contract(empty, reference(), true)); !strings.Contains(text, "第一条　研究开发的目标、内容和技术要求 [无]") || !strings.Contains(text, "权利清单：无") || !strings.Contains(text, "演示") {
		t.Errorf("a clause that was not agreed on does not say so:\n%s", text)
	}
}

func TestFormMasksPhones(t *testing.T) {
	t.Parallel()
	given, desk := words(print.Form(contract("D1"), reference(), print.Progress{})), words(print.Form(contract("D1"), reference(), print.Progress{FullPhones: true, TextHash: "6d1e"}))
	if strings.Contains(given, "8816035") || !strings.Contains(desk, "0796-8816035") || !strings.Contains(desk, "SHA-256：6d1e") {
		t.Error("phones are masked for the parties and whole for the desk")
	}
	for phone, want := range map[string]string{"13800002046": "138****2046", "0796-8816035": "0796-****035", "12345": "12345", "": ""} {
		if got := print.MaskPhone(phone); len(got) != len(want) || strings.Count(got, "*") != strings.Count(want, "*") {
			t.Errorf("%s is masked as %s", phone, got)
		}
	}
}

func TestPDF(t *testing.T) {
	t.Parallel()
	if !print.CanWrite() {
		t.Skip("no Chinese TrueType font on this machine")
	}
	api.DisableConfigDir()
	long := contract("L1")
	for range 12 {
		long.Deductions = append(long.Deductions, long.Deductions[0])
	}
	long.RegistrationNumber, long.RegisteredOn = "2026360800000001", &today
	for name, line := range map[string]struct {
		paper       print.Paper
		least, most int
	}{
		"contract": {print.Contract(contract("D1"), reference(), true), 2, 6}, "form": {print.Form(contract("D1"), reference(), print.Progress{Organiser: "登记处"}), 1, 1},
		"long form": {print.Form(long, reference(), print.Progress{}), 1, 1}, "certificate": {print.Certificate(long, reference(), print.Progress{Organiser: "登记处"}), 1, 1},
		"notice": {print.RemovalNotice(long, reference(), market.Removal{Ground: "X03", Benefits: "unreported", Note: strings.Repeat("与另一份合同的当事人、标的和金额相同。", 20), At: today}, print.Progress{Organiser: "登记处"}), 1, 1},
	} {
		content, err := print.PDF(line.paper)
		if err != nil {
			t.Fatal(err)
		}
		pages, err := api.PageCount(bytes.NewReader(content), nil)
		if err != nil || pages < line.least || pages > line.most {
			t.Errorf("%s: %d pages, %v", name, pages, err)
		}
		if len(content) > 1<<20 {
			t.Errorf("%s: %d bytes: the font is not cut down", name, len(content))
		}
	}
}
