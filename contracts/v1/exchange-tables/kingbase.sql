-- 前置库建表脚本：人大金仓 KingbaseES V8。
-- 由 contracts/publish 生成；说明见 exchange-tables.md。
-- 未经测试：尚未在真实的该数据库上运行过，网关也未提供其驱动；使用前请自行验证。
-- 数据库须为 UTF-8。

-- 分派单表：网关写入，经办机构读取
CREATE TABLE duijie_dispatch (
    dispatch_no VARCHAR(64 CHAR) NOT NULL, -- 分派单号（网关）
    application_no VARCHAR(40 CHAR) NOT NULL, -- 失业登记申请编号（网关）
    due_on VARCHAR(10 CHAR), -- 办结时限，北京日期 YYYY-MM-DD；未知时为空（网关）
    dispatched_at VARCHAR(40 CHAR) NOT NULL, -- 分派时刻，RFC 3339（网关）
    payload TEXT NOT NULL, -- 分派单 dispatch 的 JSON，与接口报文相同（网关）
    digest VARCHAR(64 CHAR) NOT NULL, -- 分派单规范形式的 SHA-256（网关）
    status VARCHAR(10 CHAR) NOT NULL, -- READY 待取；TAKEN 已取；CLOSED 已办结；REVOKED 已失效；TEST 测试，不得办理（双方）
    changed_at VARCHAR(40 CHAR) NOT NULL, -- 网关最近一次写入本行的时刻，UTC（网关）
    PRIMARY KEY (dispatch_no)
);
CREATE INDEX duijie_dispatch_i1 ON duijie_dispatch (status, dispatch_no);

-- 结果表：经办机构写入，网关读取
CREATE TABLE duijie_result (
    result_id VARCHAR(64 CHAR) NOT NULL, -- 行的编号，由经办机构确定，不得重复（经办机构）
    kind VARCHAR(20 CHAR) NOT NULL, -- outcome 审核结果；return 退回；registration 本地受理登记；deregistration 注销（经办机构）
    application_no VARCHAR(40 CHAR), -- 失业登记申请编号；填写时须与 payload 相同（经办机构）
    dispatch_no VARCHAR(64 CHAR), -- 分派单号；填写时须与 payload 相同（经办机构）
    division VARCHAR(12 CHAR), -- 登记键的行政区划代码；填写时须与 payload 相同（经办机构）
    local_serial VARCHAR(40 CHAR), -- 登记键的本地系统流水号；填写时须与 payload 相同（经办机构）
    revision INTEGER, -- 版次；填写时须与 payload 相同（经办机构）
    payload TEXT, -- 该类报文的 JSON，与接口报文中的一条相同（经办机构）
    status VARCHAR(10 CHAR) DEFAULT 'DRAFT' NOT NULL, -- DRAFT 编写中；READY 待取；TAKEN 已接收；REFUSED 未接收；CHANGED 接收后被改动（双方）
    taken_at VARCHAR(40 CHAR), -- 网关接收的时刻，UTC（网关）
    taken_digest VARCHAR(64 CHAR), -- 网关读到的 payload 的 SHA-256（网关）
    receipt VARCHAR(1000 CHAR), -- 回执 receipt 的 JSON；重复报送时为第一次的回执（网关）
    PRIMARY KEY (result_id)
);
CREATE INDEX duijie_result_i1 ON duijie_result (status, result_id);
CREATE INDEX duijie_result_i2 ON duijie_result (status, taken_at, result_id);

-- 错误表：网关写入未接收的原因，经办机构读取
CREATE TABLE duijie_error (
    error_id VARCHAR(64 CHAR) NOT NULL, -- 错误的编号（网关）
    result_id VARCHAR(64 CHAR) NOT NULL, -- 结果表中的行（网关）
    kind VARCHAR(20 CHAR), -- 该行的 kind（网关）
    code VARCHAR(60 CHAR) NOT NULL, -- 错误代码，见 errors.csv（网关）
    title VARCHAR(100 CHAR) NOT NULL, -- 错误名称（网关）
    detail VARCHAR(300 CHAR), -- 处理办法（网关）
    errors TEXT, -- 逐项的错误：JSON 数组，成员为 pointer、code、message（网关）
    payload_digest VARCHAR(64 CHAR), -- 当时读到的 payload 的 SHA-256（网关）
    noticed_at VARCHAR(40 CHAR) NOT NULL, -- 网关写入的时刻，UTC（网关）
    status VARCHAR(10 CHAR) DEFAULT 'NEW' NOT NULL, -- NEW 未处理；SEEN 已处理，由经办机构填写（双方）
    PRIMARY KEY (error_id)
);
CREATE INDEX duijie_error_i1 ON duijie_error (result_id);
CREATE INDEX duijie_error_i2 ON duijie_error (status, error_id);

-- 网关的用户只需要下列权限，请以实际的用户名代替 duijie 后执行：
-- GRANT SELECT, INSERT, UPDATE ON duijie_dispatch TO duijie;
-- GRANT SELECT, UPDATE ON duijie_result TO duijie;
-- GRANT SELECT, INSERT ON duijie_error TO duijie;
