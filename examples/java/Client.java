import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 对接示例：申报、拉取、确认、审核、报送，核验每个响应的签名和回执；仅用 JDK 17，不用任何构建工具。
 *
 * <pre>
 * java -Dfile.encoding=UTF-8 Client.java 拉取地址 我方密钥.json 对方密钥.json [控制接口 区划代码]
 * </pre>
 *
 * <p>拉取地址：经办机构对网关是 http://127.0.0.1:8080/agency/v1/dispatches，省对部端是
 * http://127.0.0.1:8600/national/v1/applications；做法相同。套件 ed25519 或 hmac-sha256（共享密钥时两个文件是同一个）。
 * 后面再写模拟器的控制接口和区划代码（http://127.0.0.1:8601 419001），就先申报一件。
 *
 * <p>java Client.java register 拉取地址 我方密钥.json 对方密钥.json 区划代码 机构代码：报送一件本地受理登记，
 * 核对回执，再报一次得到同一份回执。登记的人是虚构的。
 *
 * <p>java Client.java digest 文件…：输出每个文件中一条记录的摘要，可与 contracts/v1/vectors/content.json 核对。
 *
 * <p>A docking client with the JDK alone: file, fetch, acknowledge, decide, return.
 */
public final class Client {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final URI feed;
  private final Key ours;
  private final Key theirs;

  private Client(URI feed, Key ours, Key theirs) {
    this.feed = feed;
    this.ours = ours;
    this.theirs = theirs;
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 1 && args[0].equals("digest")) {
      for (int i = 1; i < args.length; i++) {
        System.out.println(Json.digest(Files.readString(Path.of(args[i]))));
      }
      return;
    }
    if (args.length == 6 && args[0].equals("register")) {
      new Client(URI.create(args[1]), Key.read(Path.of(args[2])), Key.read(Path.of(args[3])))
          .register(args[4], args[5]);
      return;
    }
    if (args.length != 3 && args.length != 5) {
      System.err.println("java Client.java FEED OUR_KEY THEIR_KEY [CONTROL DIVISION]");
      System.err.println("java Client.java register FEED OUR_KEY THEIR_KEY DIVISION AGENCY");
      System.exit(2);
    }
    Client client =
        new Client(URI.create(args[0]), Key.read(Path.of(args[1])), Key.read(Path.of(args[2])));
    if (args.length > 4) {
      file(args[3], args[4]);
    }
    client.dock();
  }

  /** 申报：只在模拟环境，请部端模拟器虚构一人，向某地申报一件。 */
  private static void file(String control, String place) throws Exception {
    String wanted = "{\"count\":1,\"places\":[\"%s\"]}".formatted(place);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(control + "/control/v1/applications"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(wanted))
            .build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
  }

  /** 本地受理登记：报送一件并核对回执；再报一次（没有收到响应时即如此）得到同一份回执。 */
  private void register(String division, String agency) throws Exception {
    String now = now();
    String serial = "DEMO-%012d".formatted(Math.abs(RANDOM.nextLong() % 1_000_000_000_000L));
    String record = registration(division, agency, serial, now);
    String feedPath = feed.getPath();
    String path = feedPath.substring(0, feedPath.lastIndexOf('/')) + "/registrations";
    String key = division + "/" + serial;
    String first = "";
    for (int i = 0; i < 2; i++) {
      String answer = call("POST", path, "", "{\"registrations\":[" + record + "]}");
      check(answer, "registration", key, record);
      String receipt = need(answer, "receipt_no");
      System.out.println(key + " " + need(answer, "status") + " " + receipt);
      if (i > 0 && !receipt.equals(first)) {
        throw new IllegalStateException(key + " 的两份回执不同");
      }
      first = receipt;
    }
  }

  /** 登记表加审核结果：键是行政区划代码加本地系统流水号；没有本人承诺的，报为通过将被拒收。 */
  private static String registration(
      String division, String agency, String serial, String now) {
    String today = now.substring(0, 10);
    String number = "%06d".formatted(RANDOM.nextInt(1_000_000));
    return """
        {"person":{"aac003":"张示例","aac004":"2","aac005":"01","aac011":"21","aac033":"1",
        "aac058":"01","aac147":"%1$s","aac067":"13800000000","aab299":"%2$s","aac010":"示例街道1号",
        "aab301":"%2$s","aac026":"示例街道1号","ajc090":"%4$s","ajc093":"21","ajc174":"0",
        "code_set":"2016"},"acc412":"2","place_division":"%2$s",
        "commitment":{"given":true,"date":"%4$s","text_version":"2020-1"},
        "submitted_at":"%3$s","channel":"12","policy":"2020-79",
        "outcome":{"division":"%2$s","local_serial":"%5$s","revision":1,"review_state":"2",
        "aae016":"1","aae017":"%6$s","aae020":"示例公共就业服务中心","aae022":"%2$s",
        "aae019":"示例经办人","aae036":"%3$s","aae043":"%4$s","acc020":"%7$s","acc0m1":"%8$s"}}"""
        .formatted(
            citizenNumber("41900119900307000"), // 顺序码 000 不会发给任何人
            division,
            now,
            today,
            serial,
            agency,
            division + now.substring(0, 4) + number,
            division + "50" + now.substring(2, 4) + number);
  }

  /** 公民身份号码的末位校验码（GB 11643）。 */
  private static String citizenNumber(String first17) {
    int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int total = 0;
    for (int i = 0; i < weights.length; i++) {
      total += weights[i] * (first17.charAt(i) - '0');
    }
    return first17 + "10X98765432".charAt(total % 11);
  }

  private static String now() {
    return OffsetDateTime.now(ZoneOffset.ofHours(8))
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
  }

  /** 每次拉取一件，直到没有新件；第一次最多等待 20 秒。实际系统应持续循环。 */
  private void dock() throws Exception {
    String feedPath = feed.getPath();
    String root = feedPath.substring(0, feedPath.lastIndexOf('/'));
    String page = call("GET", feedPath, "limit=1&wait=20", "");
    while (page.contains("\"application_no\"")) {
      String now = now();
      // 实际系统须先将整件入库再确认：确认之后对方不再下发
      String entry =
          text(page, "dispatch_no")
              .map("\"dispatch_no\":\"%s\""::formatted)
              .orElse(
                  "\"application_no\":\"%s\",\"kind\":\"%s\""
                      .formatted(need(page, "application_no"), need(page, "kind")));
      String confirmed = call("POST", feedPath + "/acknowledgements", "",
          "{\"acknowledgements\":[{%s,\"stored_at\":\"%s\"}]}".formatted(entry, now));
      String number = need(page, "application_no");
      String kind = text(page, "dispatch_no").isPresent() ? "dispatch" : need(page, "kind");
      String item = Json.first(page, kind.equals("dispatch") ? "dispatches" : "items");
      check(confirmed, kind, text(page, "dispatch_no").orElse(number), item);
      if (!need(page, "kind").equals("withdrawal")) { // 本人撤回的不必办
        String reason = System.getenv("RETURN_REASON"); // 设为退回原因代码的，拉取到的全部退回
        boolean decides = reason == null;
        String record = decides ? decide(page, now) : giveBack(page, now, reason);
        String answer = decides
            ? call("POST", root + "/outcomes", "", "{\"outcomes\":[" + record + "]}")
            : call("POST", feedPath + "/returns", "", "{\"returns\":[" + record + "]}");
        check(answer, decides ? "outcome" : "return",
            decides ? number : need(page, "dispatch_no"), record);
        System.out.println(
            number + " " + need(answer, "status") + " " + need(answer, "receipt_no"));
      }
      page = call("GET", feedPath, "limit=1", "");
    }
  }

  /** 核对回执：类别、键、版次、摘要须全部相符；不符的视为未收到，应以相同内容再报。 */
  private static void check(String answer, String kind, String key, String record)
      throws GeneralSecurityException {
    if (need(answer, "status").equals("refused")) {
      throw new IllegalStateException(key + " refused " + need(answer, "title"));
    }
    if (!need(answer, "kind").equals(kind)
        || !need(answer, "key").equals(key)
        || !answer.matches("(?s).*\"revision\"\\s*:\\s*1(\\.0)?[\\s,}].*")
        || !need(answer, "digest").equals(Json.digest(record))) {
      throw new IllegalStateException(key + " 的回执不可采信");
    }
  }

  /** 办理：真实系统在这里由经办人员审核；示例一律通过（aae016 为 1，review_state 为 2 已审核）。 */
  private static String decide(String page, String now) {
    String county = need(page, "place_division").substring(0, 6);
    String serial = "%06d".formatted(RANDOM.nextInt(1_000_000));
    return """
        {"application_no":"%s",%s"revision":1,"review_state":"2","aae016":"1",
        "aae017":"%s","aae020":"示例公共就业服务中心","aae022":"%s","aae019":"示例经办人",
        "aae036":"%s","acc020":"%s","aae043":"%s","acc0m1":"%s"}"""
        .formatted(
            need(page, "application_no"),
            text(page, "dispatch_no").map("\"dispatch_no\":\"%s\","::formatted).orElse(""),
            text(page, "agency_code").orElse("DEMO-01"),
            county,
            now,
            county + now.substring(0, 4) + serial, // 失业登记编号
            now.substring(0, 10), // 失业登记日期，北京日期
            county + "50" + now.substring(2, 4) + serial); // 就业创业证编号，十六位
  }

  /** 退回：不属本机构办理的，退回分派岗；原因见代码表 return-reason。 */
  private static String giveBack(String page, String now, String reason) {
    return """
        {"application_no":"%s","dispatch_no":"%s","reason":"%s","note":"示例退回",
        "returned_at":"%s"}"""
        .formatted(need(page, "application_no"), need(page, "dispatch_no"), reason, now);
  }

  /** 发出签名的请求（RFC 9421），返回核验过的响应。 */
  private String call(String method, String path, String query, String content) throws Exception {
    byte[] body = content.getBytes(StandardCharsets.UTF_8);
    String names = "\"@method\" \"@authority\" \"@path\" \"@query\"";
    String lines =
        "\"@method\": %s\n\"@authority\": %s\n\"@path\": %s\n\"@query\": ?%s\n"
            .formatted(method, feed.getAuthority(), path, query);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(feed.resolve(query.isEmpty() ? path : path + "?" + query))
            .timeout(Duration.ofSeconds(60))
            .method(method, body.length == 0
                ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body.length > 0) { // 有正文时，类型与摘要也在签名之内
      names += " \"content-type\" \"content-digest\"";
      lines += "\"content-type\": application/json\n\"content-digest\": " + digest(body) + "\n";
      request.header("Content-Type", "application/json").header("Content-Digest", digest(body));
    }
    byte[] random = new byte[16];
    RANDOM.nextBytes(random); // nonce 每次都是新的，重发也要重新签名
    long created = System.currentTimeMillis() / 1000;
    String params =
        "(%s);created=%d;expires=%d;nonce=\"%s\";keyid=\"%s\";alg=\"%s\";tag=\"duijie-v1\""
            .formatted(names, created, created + 300, HexFormat.of().formatHex(random),
                ours.id(), ours.suite());
    byte[] base = ascii(lines + "\"@signature-params\": " + params);
    String sent = "duijie=:" + Base64.getEncoder().encodeToString(ours.sign(base)) + ":";
    request.header("Signature-Input", "duijie=" + params).header("Signature", sent);
    HttpResponse<byte[]> answer =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    String said = new String(answer.body(), StandardCharsets.UTF_8);
    if (answer.headers().firstValue("Signature").isEmpty()) {
      // 我方签名没有通过核验：正文说明原因，但无从证明
      throw new IllegalStateException(answer.statusCode() + " " + said);
    }
    verify(answer, sent);
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + said);
    }
    return said;
  }

  /** 响应的签名覆盖状态、收到的正文、我方请求的签名：改动过的、旧的、他人的响应均不能通过。 */
  private void verify(HttpResponse<byte[]> answer, String sent) throws GeneralSecurityException {
    String params = header(answer, "Signature-Input").replaceFirst("^duijie=", "");
    String proof = header(answer, "Signature").replaceFirst("^duijie=:(.*):$", "$1");
    String base =
        "\"@status\": %d\n\"content-digest\": %s\n\"signature\";req: %s\n\"@signature-params\": %s"
            .formatted(answer.statusCode(), digest(answer.body()), sent, params);
    if (!theirs.verifies(ascii(base), Base64.getDecoder().decode(proof))) {
      throw new GeneralSecurityException("响应的签名不符，不可采信");
    }
  }

  private static String header(HttpResponse<byte[]> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** 正文摘要（RFC 9530）。 */
  private static String digest(byte[] body) throws GeneralSecurityException {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
    return "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":";
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** 规范形式与摘要；真实系统可改用自己的 JSON 库和现有的 JCS（RFC 8785）程序库。 */
  private static final class Json {
    // schema 中 format 为 date-time 的成员，见 fields.csv
    private static final Set<String> INSTANTS =
        Set.of("submitted_at", "forwarded_at", "dispatched_at", "withdrawn_at", "returned_at",
            "given_at", "aae036");
    private final String source;
    private int at;

    private Json(String source) {
      this.source = source;
    }

    /** 一条记录规范形式的 SHA-256。 */
    static String digest(String record) throws GeneralSecurityException {
      byte[] written = new Json(record).value("").getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(written));
    }

    /** 一页中列表的第一条，按规范形式写出。 */
    static String first(String page, String list) {
      Json json = new Json(page.substring(page.indexOf("\"" + list + "\"") + list.length() + 2));
      json.next(':');
      json.next('[');
      return json.value("");
    }

    private String value(String name) {
      char first = peek();
      if (first == '{') {
        return object();
      }
      if (first == '[') {
        List<String> items = new ArrayList<>();
        for (next('['); peek() != ']'; skip(',')) {
          items.add(value(""));
        }
        next(']');
        return "[" + String.join(",", items) + "]";
      }
      if (first == '"') {
        String text = string();
        return quoted(INSTANTS.contains(name) ? utc(text) : text);
      }
      int from = at;
      while (at < source.length() && ",]} \t\r\n".indexOf(source.charAt(at)) < 0) {
        at++;
      }
      return source.substring(from, at).replaceFirst("\\.0+$", ""); // 整数不带小数点
    }

    /** 成员按名称排序；null 和缺省的空列表略去。 */
    private String object() {
      TreeMap<String, String> members = new TreeMap<>();
      for (next('{'); peek() != '}'; skip(',')) {
        String name = string();
        next(':');
        String value = value(name);
        if (!value.equals("null") && !value.equals("[]")) {
          members.put(name, value);
        }
      }
      next('}');
      return members.entrySet().stream()
          .map(one -> quoted(one.getKey()) + ":" + one.getValue())
          .collect(Collectors.joining(",", "{", "}"));
    }

    private String string() {
      StringBuilder text = new StringBuilder();
      for (next('"'); source.charAt(at) != '"'; at++) {
        if (source.charAt(at) != '\\') {
          text.append(source.charAt(at));
        } else if (source.charAt(++at) == 'u') {
          text.append((char) Integer.parseInt(source.substring(at + 1, at + 5), 16));
          at += 4;
        } else {
          int known = "bfnrt".indexOf(source.charAt(at));
          text.append(known < 0 ? source.charAt(at) : "\b\f\n\r\t".charAt(known));
        }
      }
      at++;
      return text.toString();
    }

    private static String quoted(String text) {
      StringBuilder written = new StringBuilder("\"");
      for (char one : text.toCharArray()) {
        int known = "\b\f\n\r\t\"\\".indexOf(one);
        if (known >= 0) {
          written.append('\\').append("bfnrt\"\\".charAt(known));
        } else if (one < ' ') {
          written.append("\\u%04x".formatted((int) one));
        } else {
          written.append(one);
        }
      }
      return written.append('"').toString();
    }

    /** 换算到 UTC，小数末尾的零去掉。 */
    private static String utc(String instant) {
      OffsetDateTime moved = OffsetDateTime.parse(instant).withOffsetSameInstant(ZoneOffset.UTC);
      String whole = moved.format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss"));
      String fraction = "%09d".formatted(moved.getNano()).replaceFirst("0+$", "");
      return whole + (fraction.isEmpty() ? "" : "." + fraction) + "Z";
    }

    private char peek() {
      while (" \t\r\n".indexOf(source.charAt(at)) >= 0) {
        at++;
      }
      return source.charAt(at);
    }

    private void next(char wanted) {
      if (peek() != wanted) {
        throw new IllegalStateException("JSON 第 " + at + " 个字符应为 " + wanted);
      }
      at++;
    }

    private void skip(char comma) {
      if (peek() == comma) {
        at++;
      }
    }
  }

  /** 取出一个文本数据项，原样（含转义）；真实系统请用自己的 JSON 库。 */
  private static Optional<String> text(String json, String member) {
    Matcher found =
        Pattern.compile("\"" + member + "\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  private static String need(String json, String member) {
    return text(json, member)
        .orElseThrow(() -> new IllegalStateException("没有 " + member + "：" + json));
  }

  /** 密钥文件 {"key_id", "suite", "secret" | "private" | "public"}，后者为 base64。 */
  private record Key(String id, String suite, byte[] material) {
    // JDK 只认 DER：三十二字节的裸密钥前面补上固定的头（RFC 8410）
    private static final String PRIVATE = "302e020100300506032b657004220420";
    private static final String PUBLIC = "302a300506032b6570032100";

    static Key read(Path path) throws Exception {
      String file = Files.readString(path);
      String encoded =
          text(file, "secret").or(() -> text(file, "private")).orElseGet(() -> need(file, "public"));
      return new Key(
          need(file, "key_id"), need(file, "suite"), Base64.getDecoder().decode(encoded));
    }

    byte[] sign(byte[] base) throws GeneralSecurityException {
      if (suite.equals("hmac-sha256")) {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(material, "HmacSHA256"));
        return mac.doFinal(base);
      }
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(
          KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der(PRIVATE))));
      signer.update(base);
      return signer.sign();
    }

    boolean verifies(byte[] base, byte[] signature) throws GeneralSecurityException {
      if (suite.equals("hmac-sha256")) {
        return MessageDigest.isEqual(sign(base), signature); // 用时恒定的比较
      }
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der(PUBLIC))));
      verifier.update(base);
      return verifier.verify(signature);
    }

    private byte[] der(String head) {
      return HexFormat.of().parseHex(head + HexFormat.of().formatHex(material));
    }
  }
}
