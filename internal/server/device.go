package server

import (
	"strings"

	"github.com/mileusna/useragent"
)

// systems and browsers by the words people use for them. What is not here keeps its own name.
var (
	systems  = map[string]string{useragent.MacOS: "苹果电脑", useragent.IOS: "苹果手机或平板", useragent.ChromeOS: "Chromebook", useragent.Linux: "Linux 电脑", useragent.Windows: "Windows 电脑"}
	browsers = []struct{ mark, name string }{{"MicroMessenger", "微信"}, {"DingTalk", "钉钉"}, {"QQBrowser", "QQ 浏览器"}, {"360SE", "360 浏览器"}, {"UCBrowser", "UC 浏览器"},
		{"HuaweiBrowser", "华为浏览器"}}
)

// deviceName says in plain words which browser on what a User-Agent stands for.
func deviceName(agent string) string {
	ua := useragent.Parse(agent)
	system := systems[ua.OS]
	switch {
	case system != "":
	case ua.OS == useragent.Android && ua.Tablet:
		system = "安卓平板"
	case ua.OS == useragent.Android:
		system = "安卓手机"
	default:
		system = "不认识的设备"
	}
	for _, b := range browsers {
		if strings.Contains(agent, b.mark) {
			return system + "，" + b.name
		}
	}
	if ua.Name == "" || ua.OS == "" {
		return system
	}
	return system + "，" + ua.Name
}
