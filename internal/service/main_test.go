package service_test

import (
	"testing"

	"techmarket/internal/devdb/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
