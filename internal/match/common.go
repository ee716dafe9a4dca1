package match

import "strings"

// commonWords are the words that needs and results of every trade are written
// with, and the names of the places they come from. They say little about what a text is about, also in a market that is
// too small to show it by counting.
const commonWords = `
万元 成本 小时 处理 一次 设备 以上 客户 增加 减少 普通 时间 没有 个月 只能 左右 分钟 要求 低于 直接
提高 控制 加工 降低 自动 超过 用于 改造 进口 稳定 损失 不足 现有 连续 下降 每吨 工艺 产品 保持 检测
原料 人工 只有 适合 企业 用量 变化 一个 同时 试验 一半 一套 投资 结果 平均 得到 一年 一台 每年 问题
同一 给出 采用 反复 车间 方案 结构 不同 替代 成品 难以 公斤 结合 使用 形成 参数 办法 以下 系统 完成
容易 传统 往往 只需 年产 影响 可用 常规 研究 进行 分析 方法 表明 通过 具有 提出 应用 基于 技术 本文
一种 利用 主要 以及 过程 有效 作用 重要 基础 设计 建立 存在 理论 提供 条件 相关 方面 比较 实验 针对
性能 实现 目的 效果 情况 可以 分别 因素 根据 工作 特点 质量 特性 基本 介绍 水平 综合 一定 管理 程度
方式 达到 能够 生产 合理 优化 确定 指标 目前 解决 效率 需要 开发 关键 装置 新型 制备 项目 合作 希望
公司 服务 能力 行业 市场 国内 国外 先进 推广 示范 产业 创新 成果 需求 攻关 研发 领域 机构 单位 单价
不能 出现 导致 造成 现在 以前 之后 之前 期间 部分 全部 部件 选择 提升 改善 改进 测试 验证 评价 标准
以内 合格 百分 分点 单台 单根 不良 出来 送检 系数 万次 平方 方米 二十 三十 五十 工资 真实 花钱 供货 停机
吉安 安市 安县 吉州 州区 青原 原区 吉水 水县 峡江 江县 新干 干县 永丰 丰县 泰和 和县 遂川 川县 万安 安福
福县 永新 新县 井冈 冈山 江西 西省 南昌 昌市 赣州 宜春 抚州 上饶 九江 萍乡 新余 鹰潭 全省 我市 全市 本地
`

// A new market counts as if it had so many more texts, of which this share
// held each of the common words.
const (
	priorTexts = 100
	priorShare = 0.3
)

var commonPairs = pairsOf(commonWords)

func pairsOf(words string) map[key]bool {
	pairs := map[key]bool{}
	for _, word := range strings.Fields(words) {
		runes := []rune(word)
		pairs[pairKey(runes[0], runes[1])] = true
	}
	return pairs
}
