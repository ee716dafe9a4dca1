package main

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/config"
	"techmarket/internal/demo"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// loadDemo fills the empty market of MARKET_DSN with demonstration data.
func loadDemo(ctx context.Context, p program, _ []string) error {
	cfg, err := config.Read(p.getenv, true)
	if err != nil {
		return err
	}
	if err := loadDemoInto(ctx, p, cfg.DSN); err != nil {
		return err
	}
	printAccounts(p)
	return nil
}

func loadDemoInto(ctx context.Context, p program, dsn string) (err error) {
	return withService(ctx, p, dsn, func(st *store.Store, svc *service.Service) error {
		start := time.Now()
		if err := demo.Load(ctx, st, svc, start); err != nil {
			return err
		}
		p.log.Info("demonstration data loaded", "ms", time.Since(start).Milliseconds())
		return nil
	})
}

func printAccounts(p program) {
	fmt.Fprintf(p.out, "  演示账号（密码都是 %s）\n", demo.Password)
	fmt.Fprintf(p.out, "  工作人员另要动态码：把密钥 %s 加进验证器，\n  或用 market user code 邮箱 显示，如 bin/market user code reviewer@example.com\n", demo.Second)
	for _, a := range demo.Accounts {
		fmt.Fprintf(p.out, "    %-28s %s：%s\n", a.Email, a.Role, a.Name)
	}
	fmt.Fprintln(p.out)
}
