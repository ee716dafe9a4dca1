package market

// CheckPerson tidies the name and phone of a person in place and notes what is wrong with them, in the form's fields name
// and phone.
func CheckPerson(p *Problems, name, phone *string) {
	checkLine(p, "name", "姓名", name, 30)
	if *name == "" {
		p.Add("name", "请填写姓名")
	}
	checkLine(p, "phone", "手机", phone, 30)
}

// CheckTokenName tidies the name of an API token in place and notes what is wrong with it.
func CheckTokenName(p *Problems, name *string) {
	checkLine(p, "token_name", "用途", name, 40)
	if *name == "" {
		p.Add("token_name", "请写明用在哪里")
	}
}
